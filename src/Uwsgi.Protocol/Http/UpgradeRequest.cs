using System.Globalization;
using System.Text;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Http;

/// <summary>Whether a request asks for an upgrade, and comes through a front end that can carry one.</summary>
internal static class UpgradeRequest
{
    // The first lighttpd whose mod_scgi and mod_fastcgi carry an upgrade.
    private const int FirstLighttpd = 74;

    /// <param name="variables">The request's.</param>
    /// <param name="needsLighttpd">Whether no other front end can carry one.</param>
    public static bool Asks(CgiVariables variables, bool needsLighttpd) =>
        variables[CgiVariable.RequestMethod].SequenceEqual("GET"u8)
        && variables[CgiVariable.ServerProtocol].SequenceEqual("HTTP/1.1"u8)
        && !variables[CgiVariable.HttpUpgrade].IsEmpty
        && HasToken(variables[CgiVariable.HttpConnection], "upgrade"u8)
        && CanCarry(variables[CgiVariable.ServerSoftware], needsLighttpd);

    /// <summary>Apache passes Upgrade on and then mangles the answer; so does an old lighttpd.</summary>
    private static bool CanCarry(ReadOnlySpan<byte> software, bool needsLighttpd)
    {
        if (software.StartsWith("Apache"u8))
        {
            return false;
        }

        if (!software.StartsWith("lighttpd/1.4."u8))
        {
            return !needsLighttpd;
        }

        var rest = software["lighttpd/1.4."u8.Length..];
        var end = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        return int.TryParse(end < 0 ? rest : rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var release)
            && release >= FirstLighttpd;
    }

    private static bool HasToken(ReadOnlySpan<byte> list, ReadOnlySpan<byte> token)
    {
        foreach (var range in list.Split((byte)','))
        {
            if (Ascii.EqualsIgnoreCase(Trim(list[range]), token))
            {
                return true;
            }
        }

        return false;
    }

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => text.Trim(" \t"u8);
}
