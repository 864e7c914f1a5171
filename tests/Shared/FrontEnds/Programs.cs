namespace Uwsgi.Protocol.Testing;

/// <summary>The programs that stand in front, found where distributions put them.</summary>
public static class Programs
{
    private static readonly string[] Directories =
    [
        .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries),
        "/usr/sbin", "/usr/local/sbin", "/sbin",
    ];

    public static bool Has(string program) => Find(program) is not null;

    public static string PathOf(string program) => Find(program) ?? throw new FileNotFoundException($"{program} is not installed here.");

    private static string? Find(string program) => Directories.Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists);
}
