using System.Buffers;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>Tells protocols apart by the first bytes of a connection. Why so: docs/decisions/one-port.md.</summary>
internal static class FirstBytes
{
    //  FastCGI  version, always 1
    //  SCGI     '0' to '9': the length of a netstring
    //  HTTP     a method, which is a token, or as much of one as there is; or the line break that may stand before it
    //  uwsgi    modifier1  datasize  modifier2

    /// <summary>How many bytes tell at the latest: no peer in order sends fewer.</summary>
    public const int Size = UwsgiPacketHeader.Size;

    private const byte TlsHandshake = 0x16;
    private const byte TlsMajorVersion = 0x03;

    // RFC 9110, section 5.6.2.
    private static readonly SearchValues<byte> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>Tells the protocol, from as few bytes as it can be told from.</summary>
    /// <param name="buffer">The bytes so far.</param>
    /// <param name="protocol">The protocol; null is HTTP. What is none of them is uwsgi's, which refuses it for its modifier.</param>
    /// <returns><see langword="false"/> when more bytes are needed.</returns>
    /// <exception cref="WireFormatException"><see cref="WireError.TlsHandshake"/>.</exception>
    public static bool TryTell(in ReadOnlySequence<byte> buffer, out GatewayProtocol? protocol)
    {
        Span<byte> copy = stackalloc byte[Size];
        var start = copy[..(int)Math.Min(Size, buffer.Length)];
        buffer.Slice(0, start.Length).CopyTo(start);
        switch (start)
        {
            case []:
            case [TlsHandshake]:
                protocol = null;
                return false;
            case [TlsHandshake, TlsMajorVersion, ..]:
                throw new WireFormatException(
                    WireError.TlsHandshake,
                    "A TLS handshake came to a port that speaks HTTP, uwsgi, FastCGI and SCGI as they are. For TLS: listen.UseHttps(), before listen.UseGateway().");
            case [FastCgiRecordHeader.Version, ..]:
                protocol = GatewayProtocol.FastCgi;
                return true;
            case [>= (byte)'0' and <= (byte)'9', ..]:
                protocol = GatewayProtocol.Scgi;
                return true;
            case [(byte)'\r' or (byte)'\n', ..]:
                protocol = null;
                return true;
            default:
                return TryTellMethod(start, out protocol);
        }
    }

    private static bool TryTellMethod(ReadOnlySpan<byte> start, out GatewayProtocol? protocol)
    {
        var end = start.IndexOfAnyExcept(TokenCharacters);
        if (end < 0)
        {
            protocol = null;
            return start.Length == Size;
        }

        protocol = end > 0 && start[end] == ' ' ? null : GatewayProtocol.Uwsgi;
        return true;
    }
}
