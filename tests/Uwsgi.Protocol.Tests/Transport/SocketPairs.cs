using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Uwsgi.Protocol.Transport;

namespace Uwsgi.Protocol.Tests.Transport;

/// <summary>Connections of the direct transport whose peers are sockets of the test, and the threads that tell of them.</summary>
internal sealed class SocketPairs : IDisposable
{
    private readonly Socket _listener;
    private readonly Crew _crew = new(static e => throw e);
    private readonly bool _isUnix;

    public SocketPairs(string transport)
    {
        _isUnix = transport == "unix";
        EndPoint endPoint = _isUnix ? new UnixDomainSocketEndPoint("\0" + Guid.NewGuid()) : new IPEndPoint(IPAddress.Loopback, 0);
        _listener = New(endPoint.AddressFamily);
        _listener.Bind(endPoint);
        _listener.Listen(512);
        _crew.Start([Poller]);
    }

    public Poller Poller { get; } = new();

    public static TheoryData<string> Transports => ["tcp", "unix"];

    public SocketPair Connect()
    {
        var connection = new SocketConnection(Poller, NullLogger.Instance, CancellationToken.None);
        return new SocketPair(connection, Open(connection));
    }

    /// <summary>Begins the server's side with a new socket.</summary>
    /// <returns>The peer's.</returns>
    public Socket Open(SocketConnection connection)
    {
        var peer = New(_listener.AddressFamily);
        peer.Connect(_listener.LocalEndPoint!);
        using var accepted = _listener.Accept();
        Libc.SetNonBlocking(accepted.SafeHandle);
        connection.Open(Libc.Duplicate((int)accepted.Handle), _isUnix);
        return peer;
    }

    public void Dispose()
    {
        _crew.Close(Poller);
        _crew.Dispose();
        _listener.Dispose();
    }

    private static Socket New(AddressFamily family) =>
        new(family, SocketType.Stream, family == AddressFamily.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
}
