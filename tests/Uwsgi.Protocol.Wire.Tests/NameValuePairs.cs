namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>Variables as the writers take them.</summary>
internal static class NameValuePairs
{
    public static List<KeyValuePair<string, string>> Of(params (string Name, string Value)[] variables) =>
        [.. variables.Select(variable => KeyValuePair.Create(variable.Name, variable.Value))];
}
