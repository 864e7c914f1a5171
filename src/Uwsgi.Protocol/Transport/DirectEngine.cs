using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Connections;

namespace Uwsgi.Protocol.Transport;

/// <summary>
/// Our endpoints on Linux, without Kestrel: a front end's connection serves one request, so what a connection costs is what a request costs.
/// A thread takes a connection, and serves it, the app included, until something has to be waited for.
/// </summary>
internal sealed partial class DirectEngine : IDisposable
{
    private readonly GatewayApplication _application;
    private readonly ILogger _logger;
    private readonly long _maxConnections;
    private readonly Crew _crew = new();
    private readonly Poller _poller = new();
    private readonly List<AcceptStation> _stations = [];
    private readonly ConcurrentDictionary<SocketConnection, bool> _waiting = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _isEmpty = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // One more than there are connections, until the stop.
    private long _connections = 1;

    public DirectEngine(GatewayApplication application, long? maxConnections, ILoggerFactory loggerFactory)
    {
        _application = application;
        _maxConnections = maxConnections ?? long.MaxValue;
        _logger = loggerFactory.CreateLogger("Uwsgi.Protocol.Transport");
    }

    /// <summary>Takes over a socket that listens already.</summary>
    public void Add(Socket socket, bool isShared, GatewayProtocol protocol)
    {
        var isUnix = socket.AddressFamily == AddressFamily.Unix;
        if (!isUnix)
        {
            // Accepted sockets inherit both.
            socket.NoDelay = true;
            DeferAccept(socket);
        }

        _stations.Add(new AcceptStation(socket, isShared, (worker, descriptor) => OnAccepted(worker, descriptor, isUnix, protocol), OnAcceptFailed));
    }

    public void Start() => _crew.Start([.. _stations, _poller]);

    /// <summary>Takes no more connections, waits for the requests in flight, and aborts what is left when the time is over.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _stations.ForEach(_crew.Close);
        await _stopping.CancelAsync().ConfigureAwait(false);
        Leave();
        try
        {
            await _isEmpty.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Abort();
        }
    }

    public void Dispose()
    {
        _crew.Close(_poller);
        _crew.Dispose();
        _stations.ForEach(station => station.Dispose());
        _stopping.Dispose();
    }

    // A front end speaks first: who connects and says nothing is the kernel's guest for a second.
    private static void DeferAccept(Socket socket)
    {
        const int Tcp = 6;
        const int DeferAccept = 9;
        Span<byte> seconds = [1, 0, 0, 0];
        if (!BitConverter.IsLittleEndian)
        {
            seconds.Reverse();
        }

        socket.SetRawSocketOption(Tcp, DeferAccept, seconds);
    }

    private void OnAccepted(Worker worker, int descriptor, bool isUnix, GatewayProtocol protocol)
    {
        var connection = new SocketConnection(descriptor, isUnix, _poller, _stopping.Token);
        if (Interlocked.Increment(ref _connections) - 1 > _maxConnections)
        {
            Log.ConnectionRejected(_logger, connection.ConnectionId, _maxConnections);
            connection.Reset();
            Leave();
            return;
        }

        worker.Serving = connection;
        var running = RunAsync(connection, protocol);
        worker.Serving = null;
        if (!running.IsCompleted)
        {
            _ = KeepAsync(connection, running);
        }
    }

    private async Task KeepAsync(SocketConnection connection, Task running)
    {
        _waiting[connection] = true;
        connection.LeaveInline();
        await running.ConfigureAwait(false);
        _waiting.TryRemove(connection, out _);
    }

    private async Task RunAsync(SocketConnection connection, GatewayProtocol protocol)
    {
        try
        {
            await _application.ExecuteAsync(connection, hasDirectOutput: true, protocol).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.UnexpectedError(_logger, connection.ConnectionId, e);
        }
        finally
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            Leave();
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _connections) == 0)
        {
            _isEmpty.TrySetResult();
        }
    }

    private void Abort()
    {
        foreach (var connection in _waiting.Keys.Concat(_crew.Serving()))
        {
            connection.Abort(new ConnectionAbortedException("The server has stopped."));
        }
    }

    private void OnAcceptFailed(int error) => Log.AcceptFailed(_logger, error);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Connection id \"{ConnectionId}\" rejected: there are {Max} connections. See UwsgiProtocolLimits.MaxConcurrentConnections.",
            EventName = nameof(ConnectionRejected))]
        public static partial void ConnectionRejected(ILogger logger, string connectionId, long max);

        [LoggerMessage(2, LogLevel.Error, "Unexpected error on connection id \"{ConnectionId}\".", EventName = nameof(UnexpectedError))]
        public static partial void UnexpectedError(ILogger logger, string connectionId, Exception exception);

        [LoggerMessage(3, LogLevel.Warning, "Connections cannot be accepted: error {Error} of the system. Raise the limit of open files.", EventName = nameof(AcceptFailed))]
        public static partial void AcceptFailed(ILogger logger, int error);
    }
}
