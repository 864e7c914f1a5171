using System.Net.Sockets;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Transport;

namespace Uwsgi.Protocol.Tests.Transport;

/// <summary>A connection, and its peer.</summary>
internal sealed record SocketPair(SocketConnection Connection, Socket Peer) : IAsyncDisposable
{
    public async Task<byte[]> ReceiveAsync(int count)
    {
        var bytes = new byte[count];
        for (var received = 0; received < count;)
        {
            var more = await Peer.ReceiveAsync(bytes.AsMemory(received)).AsTask().Within();
            Assert.NotEqual(0, more);
            received += more;
        }

        return bytes;
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await Peer.SendAsync(bytes).AsTask().Within()..];
        }
    }

    /// <summary>RST, where the transport has one.</summary>
    public void Reset() => Peer.Close(0);

    public async ValueTask DisposeAsync()
    {
        Peer.Dispose();
        await Connection.DisposeAsync();
    }
}
