using System.Net;
using System.Net.Sockets;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.Hosting;

/// <summary>A front end's side of a real connection.</summary>
internal sealed class SocketPeer : IDisposable
{
    private SocketPeer(Socket socket) => Socket = socket;

    public Socket Socket { get; }

    public static async Task<SocketPeer> ConnectAsync(EndPoint endPoint, int? receiveBuffer = null)
    {
        var socket = new Socket(
            endPoint.AddressFamily,
            SocketType.Stream,
            endPoint is UnixDomainSocketEndPoint ? ProtocolType.Unspecified : ProtocolType.Tcp);
        if (receiveBuffer is { } size)
        {
            socket.ReceiveBufferSize = size;
        }

        await socket.ConnectAsync(endPoint).Within();
        return new SocketPeer(socket);
    }

    /// <summary>Sends a request, and reads to the end of the answer.</summary>
    public static async Task<Received> AskAsync(EndPoint endPoint, byte[] request)
    {
        using var peer = await ConnectAsync(endPoint);
        await peer.SendAsync(request);
        return await peer.ReadToEndAsync();
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await Socket.SendAsync(bytes).AsTask().Within()..];
        }
    }

    public async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        for (var read = 0; read < count;)
        {
            var more = await Socket.ReceiveAsync(bytes.AsMemory(read)).AsTask().Within();
            Assert.NotEqual(0, more);
            read += more;
        }

        return bytes;
    }

    public async Task<Received> ReadToEndAsync()
    {
        var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            while (await Socket.ReceiveAsync(buffer.AsMemory()).AsTask().Within() is > 0 and var count)
            {
                bytes.Write(buffer, 0, count);
            }

            return new Received(bytes.ToArray(), IsReset: false);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return new Received(bytes.ToArray(), IsReset: true);
        }
    }

    /// <summary>FIN.</summary>
    public void EndInput() => Socket.Shutdown(SocketShutdown.Send);

    /// <summary>RST, where the transport has one.</summary>
    public void Reset() => Socket.Close(0);

    public void Dispose() => Socket.Dispose();
}
