using System.Net;
using System.Net.Sockets;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Clients;

/// <summary>What a front end does, in the fewest lines: a head of variables, a body, and an answer until the end.</summary>
internal static class DirectConnection
{
    public static async Task<NetworkStream> OpenAsync(
        WireProtocol protocol, EndPoint server, IEnumerable<(string Name, string Value)> variables, CancellationToken cancellationToken)
    {
        var socket = server is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(server, cancellationToken);
            var stream = new NetworkStream(socket, ownsSocket: true);
            await stream.WriteAsync(Head(protocol, [.. variables]), cancellationToken);
            return stream;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static byte[] Head(WireProtocol protocol, (string Name, string Value)[] variables) => protocol switch
    {
        WireProtocol.Uwsgi => WireBytes.Packet(variables),
        WireProtocol.Scgi => ScgiBytes.Request(variables),
        _ => throw new ArgumentOutOfRangeException(nameof(protocol)),
    };
}
