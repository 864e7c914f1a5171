using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Uwsgi.Protocol.Http;

namespace Uwsgi.Protocol.Connections;

/// <summary>
/// The end of a connection, where servers of this kind fail: closing with unread input turns into a reset that can take the response with it,
/// and reading on before the response is out can wait for a peer that waits for us.
/// </summary>
internal sealed class ConnectionEnd : IDeadlineWatcher
{
    // Without a half-close there is no telling when the peer has the response; a pause this long is taken for "it has".
    private static readonly TimeSpan PauseWithoutHalfClose = TimeSpan.FromMilliseconds(500);

    private readonly ConnectionContext _connection;
    private readonly Deadlines _deadlines;
    private readonly UwsgiProtocolLimits _limits;
    private readonly IDirectConnection? _direct;
    private readonly Socket? _socket;
    private AbandonedConnection? _abandoned;
    private long _deadline;
    private int _isHalfClosed;

    public ConnectionEnd(ConnectionContext connection, GatewayRuntime runtime, bool hasDirectOutput)
    {
        _connection = connection;
        _deadlines = runtime.Deadlines;
        _limits = runtime.Limits;
        _direct = connection as IDirectConnection;
        _socket = hasDirectOutput && _direct is null ? connection.Features.Get<IConnectionSocketFeature>()?.Socket : null;
    }

    /// <summary>Whether the connection can be half-closed: then an unread body need not be read before the response.</summary>
    public bool CanHalfClose => _direct is not null || _socket is not null;

    /// <summary>Whether an abort can be told from an end in order: a unix socket has no reset.</summary>
    public bool CanReset => _direct?.CanReset ?? _connection.RemoteEndPoint is IPEndPoint;

    private PipeReader Input => _connection.Transport.Input;

    /// <summary>Ends our side. All that was flushed has been sent.</summary>
    public void HalfClose()
    {
        if (!CanHalfClose || Interlocked.Exchange(ref _isHalfClosed, 1) == 1)
        {
            return;
        }

        try
        {
            _direct?.HalfClose();
            _socket?.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer was faster: most front ends close as soon as they have Content-Length bytes.
        }
    }

    /// <summary>A reset where the transport has one: a clean end would pass for a complete response.</summary>
    public void Abort(EndReason reason)
    {
        try
        {
            // With a timeout of zero, what is not sent yet is dropped and the peer sees RST.
            _socket?.Close(0);
        }
        catch (SocketException)
        {
            // Closed already.
        }

        _connection.Abort(new ConnectionAbortedException($"The connection was aborted: {reason}."));
    }

    /// <summary>Reads on and throws away, until the peer closes or patience ends.</summary>
    public async Task LingerAsync()
    {
        HalfClose();
        var end = _deadlines.After(_limits.LingerTime);
        var pause = CanHalfClose ? _limits.LingerTimeout : PauseWithoutHalfClose;
        await WatchAsync(async () =>
        {
            while (_deadlines.Now < end)
            {
                Volatile.Write(ref _deadline, Math.Min(end, _deadlines.After(pause)));
                var result = await Input.ReadAsync().ConfigureAwait(false);
                Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted || IsLate(result))
                {
                    return;
                }

                // A cancellation before its time was meant for who read before.
            }
        }).ConfigureAwait(false);
    }

    /// <summary>
    /// Leaves the connection to the peer while the app may still have its input in hand: our side ends, nothing is read by way of the reader, and
    /// when the peer does not close it in time, it is closed.
    /// </summary>
    /// <param name="sent">Ends when all of the response has been sent.</param>
    public async Task AbandonAsync(Task sent)
    {
        var abandoned = _abandoned = new AbandonedConnection(this, _deadlines);
        await sent.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (CanHalfClose)
        {
            HalfClose();
            _direct?.Discard();
        }
        else
        {
            // Nobody writes any more: Kestrel closes when all has been sent. Others may not, until the app is back.
            await _connection.Transport.Output.CompleteAsync().ConfigureAwait(false);
        }

        abandoned.Watch(_direct is not null ? _limits.LingerTime : CanHalfClose ? _limits.LingerTimeout : PauseWithoutHalfClose);
    }

    /// <summary>The connection is over.</summary>
    public void Leave() => _abandoned?.Unwatch();

    /// <summary>Reads the rest of a body, within its time.</summary>
    public Task DrainAsync(RequestBody body)
    {
        Volatile.Write(ref _deadline, _deadlines.After(_limits.RequestBodyDrainTimeout));
        return WatchAsync(async () =>
        {
            while (!body.TryDrain())
            {
                var result = await Input.ReadAsync().ConfigureAwait(false);
                Input.AdvanceTo(result.Buffer.Start);
                if (result.IsCompleted || IsLate(result))
                {
                    // What is there is all there will be.
                    _ = body.TryDrain();
                    return;
                }
            }
        });
    }

    void IDeadlineWatcher.OnTick(long now)
    {
        if (now >= Volatile.Read(ref _deadline))
        {
            Input.CancelPendingRead();
        }
    }

    /// <summary>Whether a read was cancelled because its time is over, not for a read of the app's that had just ended.</summary>
    private bool IsLate(in ReadResult read) => read.IsCanceled && _deadlines.Now >= Volatile.Read(ref _deadline);

    private async Task WatchAsync(Func<Task> read)
    {
        var watch = new LinkedListNode<IDeadlineWatcher>(this);
        _deadlines.Add(watch);
        try
        {
            await read().ConfigureAwait(false);
        }
        catch (Exception e) when (TransportFailure.Is(e))
        {
            // The peer has what it wants, or nothing more can be done for it.
        }
        finally
        {
            _deadlines.Remove(watch);
        }
    }
}
