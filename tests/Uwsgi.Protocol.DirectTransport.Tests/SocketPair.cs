using System.Net;
using System.Net.Sockets;

namespace Uwsgi.Protocol.Tests.DirectTransport;

/// <summary>Two connected sockets.</summary>
internal sealed record SocketPair(Socket Server, Socket Peer)
{
    private static readonly Socket UnixListener = Listen(new UnixDomainSocketEndPoint($"\0{Guid.NewGuid():N}"), ProtocolType.Unspecified);
    private static readonly Socket TcpListener = Listen(new IPEndPoint(IPAddress.Loopback, 0), ProtocolType.Tcp);

    /// <param name="isTcp">Whether they are TCP's; unix sockets otherwise.</param>
    /// <param name="bufferSize">The size of the server's and of the peer's buffer, which the system doubles for its own bookkeeping; 0 for its own choice.</param>
    public static SocketPair Open(bool isTcp, int bufferSize)
    {
        var listener = isTcp ? TcpListener : UnixListener;
        var peer = new Socket(listener.AddressFamily, SocketType.Stream, listener.ProtocolType);
        if (bufferSize > 0)
        {
            // Before it connects: a window that has been offered does not shrink.
            peer.ReceiveBufferSize = bufferSize;
            if (isTcp)
            {
                // As over Ethernet: loopback's segments of 64 KB would wait for timers before a window that is smaller.
                const int MaxSegment = 2;
                peer.SetRawSocketOption((int)SocketOptionLevel.Tcp, MaxSegment, BitConverter.GetBytes(1460));
            }
        }

        // What was connected is what is accepted.
        lock (listener)
        {
            peer.Connect(listener.LocalEndPoint!);
            var server = listener.Accept();
            if (bufferSize > 0)
            {
                server.SendBufferSize = bufferSize;
            }

            return new SocketPair(server, peer);
        }
    }

    private static Socket Listen(EndPoint endPoint, ProtocolType protocol)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, protocol);
        socket.Bind(endPoint);
        socket.Listen();
        return socket;
    }
}
