using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Diagnostics;

namespace Uwsgi.Protocol.Transport;

/// <summary>
/// Serves sockets on Linux without Kestrel's transport: a front end's connection brings one request, so what a connection costs is what a
/// request costs. A thread takes a connection, and serves it, the app included, until something has to be waited for.
/// </summary>
internal sealed partial class SocketServer : IDisposable
{
    private readonly Crew _crew;
    private readonly Poller _poller = new();
    private readonly List<AcceptStation> _stations = [];
    private readonly ConcurrentDictionary<SocketConnection, bool> _waiting = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationToken _stop;
    private readonly TaskCompletionSource _isEmpty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _maxConnections;
    private readonly GatewayMetrics _metrics;
    private readonly ILogger _logger;

    // One more than there are connections, until the stop.
    private long _connections = 1;
    private volatile bool _isAborted;

    /// <param name="maxConnections">How many there may be; null for any number. Others are reset.</param>
    /// <param name="metrics">Counts them.</param>
    /// <param name="loggerFactory">Hears of what goes wrong.</param>
    public SocketServer(long? maxConnections, GatewayMetrics metrics, ILoggerFactory loggerFactory)
    {
        _maxConnections = maxConnections ?? long.MaxValue;
        _metrics = metrics;
        _logger = loggerFactory.CreateLogger("Uwsgi.Protocol.Transport");
        _crew = new Crew(e => Log.ThreadFailed(_logger, e));
        _stop = _stopping.Token;
    }

    /// <summary>Takes over a socket that listens already.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="isShared">Whether other processes may have it too.</param>
    /// <param name="serve">Serves a connection until it is over.</param>
    public void Add(Socket socket, bool isShared, Func<SocketConnection, Task> serve)
    {
        var isUnix = socket.AddressFamily == AddressFamily.Unix;
        if (!isUnix)
        {
            // Accepted sockets inherit both.
            socket.NoDelay = true;
            DeferAccept(socket);
        }

        _stations.Add(new AcceptStation(socket, isShared, (worker, descriptor) => OnAccepted(worker, descriptor, isUnix, serve), OnAcceptFailed));
    }

    public void Start() => _crew.Start([.. _stations, _poller]);

    /// <summary>Takes no more connections, waits for the requests in flight, and aborts what is left when the time is over.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var station in _stations)
        {
            _crew.Close(station);
        }

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
        _stations.ForEach(_crew.Close);
        _crew.Close(_poller);
        _crew.Dispose();
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

    private void OnAccepted(Worker worker, int descriptor, bool isUnix, Func<SocketConnection, Task> serve)
    {
        var connection = worker.Spare ?? new SocketConnection(_poller, _logger, _stop);
        worker.Spare = null;
        connection.Open(descriptor, isUnix);

        // First: from here on an abort finds it, or it finds that there was one.
        worker.Serving = connection;
        if (!TryEnter(out var count) || _isAborted)
        {
            connection.Reset();
            worker.Serving = null;
            if (count > 0)
            {
                Leave();
            }

            return;
        }

        var started = _metrics.OnConnectionStarted(connection);
        if (count > _maxConnections)
        {
            Log.ConnectionRejected(_logger, connection.ConnectionId, _maxConnections);
            connection.Reset();
            worker.Serving = null;
            Leave(connection, started);
            return;
        }

        var running = RunAsync(connection, started, serve);
        if (!running.IsCompleted)
        {
            _ = KeepAsync(connection, running);
        }

        // Not before it is among those that wait: an abort finds it here or there.
        worker.Serving = null;
        if (running.IsCompleted && connection.TryRenew())
        {
            worker.Spare = connection;
        }
    }

    private async Task KeepAsync(SocketConnection connection, Task running)
    {
        _waiting[connection] = true;
        connection.LeaveInline();
        await running.ConfigureAwait(false);
        _waiting.TryRemove(connection, out _);
    }

    private async Task RunAsync(SocketConnection connection, long started, Func<SocketConnection, Task> serve)
    {
        try
        {
            await serve(connection).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.ConnectionFailed(_logger, connection.ConnectionId, e);
        }
        finally
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            Leave(connection, started);
        }
    }

    /// <summary>Counts a connection, unless the server has stopped and said that there are none.</summary>
    private bool TryEnter(out long count)
    {
        while (true)
        {
            count = Volatile.Read(ref _connections);
            if (count == 0)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _connections, count + 1, count) == count)
            {
                return true;
            }
        }
    }

    private void Leave(SocketConnection connection, long started)
    {
        _metrics.OnConnectionEnded(connection, started);
        Leave();
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
        _isAborted = true;
        Interlocked.MemoryBarrier();
        foreach (var connection in (SocketConnection[])[.. _crew.Serving(), .. _waiting.Keys])
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

        [LoggerMessage(2, LogLevel.Error, "The server itself failed on connection id \"{ConnectionId}\".", EventName = nameof(ConnectionFailed))]
        public static partial void ConnectionFailed(ILogger logger, string connectionId, Exception exception);

        [LoggerMessage(3, LogLevel.Warning, "Connections cannot be accepted: error {Error} of the system. Raise the limit of open files.", EventName = nameof(AcceptFailed))]
        public static partial void AcceptFailed(ILogger logger, int error);

        [LoggerMessage(4, LogLevel.Warning,
            "No more threads are to be had: connections wait for those that are busy. Raise the limit of threads.", EventName = nameof(ThreadFailed))]
        public static partial void ThreadFailed(ILogger logger, Exception exception);
    }
}
