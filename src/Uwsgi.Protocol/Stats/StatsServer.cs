using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Uwsgi.Protocol.Hosting;

namespace Uwsgi.Protocol.Stats;

/// <summary>Sends the stats to whoever connects. Not the app's server: it goes on where that has no thread left.</summary>
internal sealed partial class StatsServer : IHostedService, IDisposable
{
    private const string Scheme = "stats";
    private const int Backlog = 128;

    // Those who come later wait to be accepted.
    private const int MaxReaders = 8;

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly StatsDocument _document;
    private readonly UwsgiStatsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly List<Socket> _listeners = [];
    private readonly SemaphoreSlim _places = new(MaxReaders);
    private readonly CancellationTokenSource _stopping = new();
    private SocketFiles? _files;
    private int _readers;

    public StatsServer(StatsDocument document, IOptions<UwsgiStatsOptions> options, ILoggerFactory loggerFactory, TimeProvider? time = null)
    {
        _document = document;
        _options = options.Value;
        _time = time ?? TimeProvider.System;
        _logger = loggerFactory.CreateLogger("Uwsgi.Protocol.Stats");
    }

    /// <summary>How many are served.</summary>
    public int Readers => Volatile.Read(ref _readers);

    /// <summary>What is listened on, ports resolved.</summary>
    public IEnumerable<EndPoint> EndPoints => _listeners.Select(listener => listener.LocalEndPoint!);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        EndPoint[] endPoints = [.. _options.Addresses.Select(GatewayAddress.ParseEndPoint)];
        _files = new SocketFiles(endPoints, _options.UnixSocket);
        using (await _files.LockAsync().ConfigureAwait(false))
        {
            foreach (var endPoint in endPoints)
            {
                Listen(endPoint);
            }
        }

        foreach (var listener in _listeners)
        {
            Log.Listening(_logger, GatewayAddress.ToString(Scheme, listener.LocalEndPoint!));
            if (listener.LocalEndPoint is IPEndPoint { Address: var address } && !IPAddress.IsLoopback(address))
            {
                Log.StatsReachableFromOutside(_logger, GatewayAddress.ToString(Scheme, listener.LocalEndPoint));
            }

            _ = AcceptAsync(listener);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Close();
        for (var i = 0; i < MaxReaders; i++)
        {
            await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        if (_files is not null)
        {
            await _files.RemoveAsync().ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        Close();
        _files?.Remove();
    }

    private void Close()
    {
        _stopping.Cancel();
        _listeners.ForEach(listener => listener.Dispose());
    }

    private void Listen(EndPoint endPoint)
    {
        // localhost: uWSGI's clients take the first of its addresses.
        var bound = endPoint is DnsEndPoint localhost ? new IPEndPoint(IPAddress.Loopback, localhost.Port) : endPoint;
        try
        {
            var socket = new ListenSocket(Scheme, _options.UnixSocket, Backlog).Bind(bound);
            _listeners.Add(socket);
            _files!.OnBound(endPoint);
            socket.Listen(Backlog);
        }
        catch (SocketException e)
        {
            throw ListenSocket.Failure(GatewayAddress.ToString(Scheme, endPoint), e);
        }
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            try
            {
                await _places.WaitAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                _ = ServeAsync(await listener.AcceptAsync(_stopping.Token).ConfigureAwait(false));
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                _places.Release();
                return;
            }
            catch (SocketException e)
            {
                // No descriptors left, for one: that may pass.
                Log.ReaderNotAccepted(_logger, e);
                await Task.Delay(PauseAfterFailure, _time, CancellationToken.None).ConfigureAwait(false);
                _places.Release();
            }
        }
    }

    private async Task ServeAsync(Socket reader)
    {
        using var time = new CancellationTokenSource(_options.ReaderTimeout, _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(time.Token, _stopping.Token);
        Interlocked.Increment(ref _readers);
        try
        {
            // Never on the thread that accepts: the next reader is served beside this one.
            await Task.Yield();
            await SendAsync(reader, end.Token).ConfigureAwait(false);
            reader.Dispose();
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            Log.ReaderDropped(_logger, e);

            // What it has not read is not kept for it.
            reader.Close(0);
        }
        catch (Exception e)
        {
            Log.StatsFailed(_logger, e);
            reader.Close(0);
        }
        finally
        {
            Interlocked.Decrement(ref _readers);
            _places.Release();
        }
    }

    private async Task SendAsync(Socket reader, CancellationToken cancellationToken)
    {
        if (_options.Http && !await StatsHttp.TryReadRequestAsync(reader, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        var document = new ArrayBufferWriter<byte>();
        if (_options.Http)
        {
            document.Write(StatsHttp.Head);
        }

        _document.WriteTo(document);
        for (var rest = document.WrittenMemory; !rest.IsEmpty;)
        {
            rest = rest[await reader.SendAsync(rest, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
        }

        // A close with unread bytes is a reset, and the reader would lose the end of what it was sent: curl sends a request, whatever is here.
        reader.Shutdown(SocketShutdown.Send);
        await StatsHttp.DiscardAsync(reader, cancellationToken).ConfigureAwait(false);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Stats are served on {Address}.", EventName = nameof(Listening))]
        public static partial void Listening(ILogger logger, string address);

        [LoggerMessage(2, LogLevel.Warning,
            "The stats on {Address} can be reached from other hosts, and nobody is asked who they are. See UwsgiStatsOptions.Addresses.",
            EventName = nameof(StatsReachableFromOutside))]
        public static partial void StatsReachableFromOutside(ILogger logger, string address);

        [LoggerMessage(3, LogLevel.Debug,
            "A reader of the stats was dropped: it went away, or took too long. See UwsgiStatsOptions.ReaderTimeout.", EventName = nameof(ReaderDropped))]
        public static partial void ReaderDropped(ILogger logger, Exception exception);

        [LoggerMessage(4, LogLevel.Warning, "A reader of the stats could not be accepted.", EventName = nameof(ReaderNotAccepted))]
        public static partial void ReaderNotAccepted(ILogger logger, Exception exception);

        [LoggerMessage(5, LogLevel.Error, "The stats could not be written.", EventName = nameof(StatsFailed))]
        public static partial void StatsFailed(ILogger logger, Exception exception);
    }
}
