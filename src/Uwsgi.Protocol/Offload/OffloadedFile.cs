using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Http;

namespace Uwsgi.Protocol.Offload;

/// <summary>A file that is the rest of a response, on its way to the front end, whatever has become of its request.</summary>
internal sealed partial class OffloadedFile : IDeadlineWatcher, IDisposable
{
    // So many pieces, 2 MB or so, and another file has its turn.
    private const int PiecesPerTurn = 16;

    // What is copied goes in small pieces: of each, somebody must have taken something in the time for that.
    private const int MaxCopied = 16 * 1024;

    private readonly FileBody _file;
    private readonly IExchange _exchange;
    private readonly OffloadRuntime _offload;
    private readonly GatewayRuntime _runtime;
    private readonly ConnectionContext _connection;
    private readonly LinkedListNode<IDeadlineWatcher> _watch;
    private long _copied;
    private long _taken;
    private long _deadline = long.MaxValue;

    /// <param name="file">The file, which is its own from here on.</param>
    /// <param name="exchange">Where it goes.</param>
    /// <param name="connection">By which connection.</param>
    /// <param name="runtime">What that shares with others.</param>
    /// <param name="offload">Who sends it.</param>
    public OffloadedFile(FileBody file, IExchange exchange, ConnectionContext connection, GatewayRuntime runtime, OffloadRuntime offload)
    {
        _file = file;
        _exchange = exchange;
        _offload = offload;
        _runtime = runtime;
        _connection = connection;
        _watch = new LinkedListNode<IDeadlineWatcher>(this);
    }

    /// <summary>Sends it. What fits into one piece is tried at once, without another thread.</summary>
    /// <param name="earlier">What of the response is still being sent.</param>
    /// <returns>How it ended.</returns>
    public async Task<EndReason> SendAsync(Task earlier)
    {
        _runtime.Metrics.OnOffloadStarted(_exchange.Protocol);
        try
        {
            // How that one ends is seen at the next.
            await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var isSent = _exchange.DirectOutput is { } direct ? await SendAsync(direct).ConfigureAwait(false) : await CopyAsync().ConfigureAwait(false);
            if (!isSent)
            {
                return EndReason.PeerGone;
            }

            _exchange.OnResponseEnding();
            var end = await _exchange.Output.FlushAsync().ConfigureAwait(false);
            return end.IsCompleted ? EndReason.PeerGone : EndReason.Completed;
        }
        catch (EndOfStreamException e)
        {
            Log.FileTooShort(_offload.Logger, _connection.ConnectionId, e);
            _exchange.Abort(EndReason.ResponseTooShort);
            return EndReason.ResponseTooShort;
        }
        catch (Exception e) when (TransportFailure.Is(e))
        {
            _exchange.Abort(EndReason.PeerGone);
            return EndReason.PeerGone;
        }
        finally
        {
            Dispose();
            _runtime.Metrics.OnOffloadEnded(_exchange.Protocol);
        }
    }

    public void Dispose()
    {
        _runtime.Deadlines.Remove(_watch);
        _file.Dispose();
    }

    void IDeadlineWatcher.OnTick(long now)
    {
        if (now < _deadline)
        {
            return;
        }

        // Who takes little is waited for, who takes nothing is not. Where it cannot be told, the next tick may tell.
        if ((_exchange.DirectOutput is { } output ? output.Taken : Volatile.Read(ref _copied)) is not { } taken)
        {
            return;
        }

        if (taken > _taken)
        {
            _taken = taken;
            _deadline = _runtime.Deadlines.After(_offload.IdleTimeout);
            return;
        }

        _deadline = long.MaxValue;
        ThreadPool.UnsafeQueueUserWorkItem(static file => file.OnIdle(), this, preferLocal: false);
    }

    private void OnIdle()
    {
        Log.ReaderIdle(_offload.Logger, _connection.ConnectionId, _offload.IdleTimeout);
        _exchange.AbortConnection(EndReason.OffloadIdle);
    }

    /// <returns>Whether the front end has taken it.</returns>
    private async ValueTask<bool> SendAsync(IDirectOutput output)
    {
        for (var pieces = 0; _file.Left > 0; pieces++)
        {
            if (pieces > 0 || !_file.IsOnePiece)
            {
                await _offload.ThreadOf(_connection, isTurnOver: pieces % PiecesPerTurn == PiecesPerTurn - 1);
            }

            var sending = output.SendAsync(_file.Take(), CancellationToken.None);
            if (!sending.IsCompleted)
            {
                Watch(output.Taken ?? 0);
            }

            var result = await sending.ConfigureAwait(false);
            if (result.IsCompleted || _exchange.IsAborted)
            {
                return false;
            }
        }

        return true;
    }

    private async ValueTask<bool> CopyAsync()
    {
        // Not on the thread, nor under the locks, of the request's end.
        await OffloadThreadAwaitable.Pool;
        Watch(taken: 0);
        while (_file.Left > 0)
        {
            var count = await _file.ReadAsync(_exchange.Output.GetMemory(MaxCopied)[..MaxCopied]).ConfigureAwait(false);
            _exchange.Output.Advance(count);
            var result = await _exchange.Output.FlushAsync().ConfigureAwait(false);
            Volatile.Write(ref _copied, _copied + count);
            if (result.IsCompleted || _exchange.IsAborted)
            {
                return false;
            }
        }

        return true;
    }

    private void Watch(long taken)
    {
        if (_watch.List is null)
        {
            _taken = taken;
            _deadline = _runtime.Deadlines.After(_offload.IdleTimeout);
            _runtime.Deadlines.Add(_watch);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, @"Connection id ""{ConnectionId}"": a file has become shorter while it was sent.", EventName = nameof(FileTooShort))]
        public static partial void FileTooShort(ILogger logger, string connectionId, Exception exception);

        [LoggerMessage(2, LogLevel.Debug,
            @"Connection id ""{ConnectionId}"" took nothing of a file for {IdleTimeout} and was closed. See OffloadOptions.IdleTimeout.", EventName = nameof(ReaderIdle))]
        public static partial void ReaderIdle(ILogger logger, string connectionId, TimeSpan idleTimeout);
    }
}
