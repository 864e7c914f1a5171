using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>Variables by names that the server itself does not ask for.</summary>
internal static class VariablesExtensions
{
    /// <returns>The value; empty where there is none.</returns>
    public static ReadOnlySpan<byte> Find(this CgiVariables variables, ReadOnlySpan<byte> name)
    {
        var index = variables.IndexOf(name);
        return index < 0 ? default : variables.GetValue(index);
    }
}
