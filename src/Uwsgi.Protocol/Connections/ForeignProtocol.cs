using System.Buffers;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>Knows HTTP and TLS by their first bytes: that is what a wrong directive in the front end's configuration sends.</summary>
internal static class ForeignProtocol
{
    /// <summary>How many bytes tell.</summary>
    public const int Size = 4;

    /// <summary>Throws when the bytes begin an HTTP request or a TLS handshake; says nothing to fewer than <see cref="Size"/>.</summary>
    public static void ThrowIfKnown(in ReadOnlySequence<byte> buffer, string spoken, string directive)
    {
        if (buffer.Length < Size)
        {
            return;
        }

        Span<byte> start = stackalloc byte[Size];
        buffer.Slice(0, Size).CopyTo(start);
        if (IsMethod(start))
        {
            throw new WireFormatException(
                WireError.HttpRequest, $"An HTTP request came to a port that speaks {spoken} (nginx: {directive}, not proxy_pass).");
        }

        if (start is [0x16, 0x03, ..])
        {
            throw new WireFormatException(WireError.TlsHandshake, $"A TLS handshake came to a port that speaks {spoken}.");
        }
    }

    // "GET ", "POST", "PUT ", "HEAD", "DELE", "PATC", "OPTI", "PROP" and the rest: upper case, and a blank at most at the end.
    private static bool IsMethod(ReadOnlySpan<byte> start) =>
        start[..3].IndexOfAnyExceptInRange((byte)'A', (byte)'Z') < 0 && (start[3] == ' ' || start[3] is >= (byte)'A' and <= (byte)'Z');
}
