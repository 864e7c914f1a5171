using System.Net;
using System.Net.Sockets;

namespace Uwsgi.Protocol.Tests.DirectTransport;

/// <summary>Two connected sockets.</summary>
internal sealed record SocketPair(Socket Server, Socket Peer)
{
    private static readonly Socket UnixListener = Listen(new UnixDomainSocketEndPoint($"\0{Guid.NewGuid():N}"), ProtocolType.Unspecified);
    private static readonly Socket TcpListener = Listen(new IPEndPoint(IPAddress.Loopback, 0), ProtocolType.Tcp);

    public static SocketPair Open(bool isTcp)
    {
        var listener = isTcp ? TcpListener : UnixListener;
        var peer = new Socket(listener.AddressFamily, SocketType.Stream, listener.ProtocolType);

        // What was connected is what is accepted.
        lock (listener)
        {
            peer.Connect(listener.LocalEndPoint!);
            return new SocketPair(listener.Accept(), peer);
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
