namespace Uwsgi.Protocol.Testing;

internal static class MissingPrograms
{
    public static string? Among(string[] programs) => Environment.GetEnvironmentVariable("CI") != "true"
        && programs.FirstOrDefault(program => !Programs.Has(program)) is { } missing
        ? $"{missing} is not installed here."
        : null;
}
