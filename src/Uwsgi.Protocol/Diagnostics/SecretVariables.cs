using System.Text;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Diagnostics;

/// <summary>Variables whose values are nobody's business: whoever reads a log could act as the client.</summary>
internal static class SecretVariables
{
    private static readonly byte[][] Parts =
    [
        "COOKIE"u8.ToArray(), "AUTH"u8.ToArray(), "PASS"u8.ToArray(), "SECRET"u8.ToArray(), "TOKEN"u8.ToArray(), "KEY"u8.ToArray(),
        "SESSION"u8.ToArray(), "SSL_CLIENT_CERT"u8.ToArray(),
    ];

    /// <summary>Whether a variable is one of them, by its name.</summary>
    public static bool Contains(ReadOnlySpan<byte> name)
    {
        foreach (var part in Parts)
        {
            for (var at = 0; at + part.Length <= name.Length; at++)
            {
                if (Ascii.EqualsIgnoreCase(name.Slice(at, part.Length), part))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
