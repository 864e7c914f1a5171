using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>Waits for what a peer says first, within its time.</summary>
/// <typeparam name="T">What there is to know of it.</typeparam>
internal abstract class OpeningReader<T> : IDeadlineWatcher
{
    private readonly ConnectionContext _connection;
    private readonly PipeReader _input;
    private readonly Deadlines _deadlines;
    private LinkedListNode<IDeadlineWatcher>? _watch;
    private CancellationTokenRegistration _stopping;
    private long _deadline;
    private long _examined;
    private volatile bool _hasBegun;
    private volatile bool _isLate;

    protected OpeningReader(ConnectionContext connection, GatewayRuntime runtime)
    {
        _connection = connection;
        _input = connection.Transport.Input;
        _deadlines = runtime.Deadlines;
        Limits = runtime.Limits;
    }

    protected UwsgiProtocolLimits Limits { get; }

    /// <summary>Reads until it is known.</summary>
    /// <exception cref="WireFormatException">It is malformed, or too large, or ends too early.</exception>
    public async ValueTask<T> ReadAsync()
    {
        try
        {
            while (true)
            {
                var pending = _input.ReadAsync();
                if (!pending.IsCompleted)
                {
                    Watch();
                }

                var result = await pending.ConfigureAwait(false);
                if (TryTake(result, out var opening))
                {
                    return opening;
                }
            }
        }
        finally
        {
            Unwatch();
        }
    }

    void IDeadlineWatcher.OnTick(long now)
    {
        if (now >= Volatile.Read(ref _deadline))
        {
            _isLate = true;
            _input.CancelPendingRead();
        }
    }

    /// <summary>Takes it off the front of the buffer, as much of it as is not for whoever reads next.</summary>
    /// <returns><see langword="false"/> when more bytes are needed; the buffer is then untouched.</returns>
    protected abstract bool TryTake(ref ReadOnlySequence<byte> buffer, out T opening);

    /// <summary>What there is to know where nothing came, or not in time.</summary>
    protected abstract T End(EndReason reason);

    private bool TryTake(in ReadResult result, out T opening)
    {
        var buffer = result.Buffer;
        var examined = buffer.End;
        try
        {
            if (!buffer.IsEmpty && !_hasBegun)
            {
                _hasBegun = true;
                SetDeadline(Limits.RequestHeadTimeout);
            }

            if (TryTake(ref buffer, out opening))
            {
                // What comes behind is not looked at yet: whoever reads next gets it at once. But what was looked at before stays so.
                var taken = result.Buffer.Length - buffer.Length;
                examined = taken >= _examined ? buffer.Start : result.Buffer.GetPosition(_examined);
                return true;
            }

            _examined = buffer.Length;
            if (result.IsCompleted)
            {
                opening = buffer.IsEmpty ? End(EndReason.ClosedBeforeRequest) : throw new WireFormatException(WireError.UnexpectedEnd);
                return true;
            }

            // A stop is for connections without a request: one that has begun is waited for.
            opening = End(!_isLate ? EndReason.Stopping : _hasBegun ? EndReason.RequestHeadTimeout : EndReason.IdleTimeout);
            return result.IsCanceled && (_isLate || !_hasBegun);
        }
        finally
        {
            _input.AdvanceTo(buffer.Start, examined);
        }
    }

    private void SetDeadline(TimeSpan time) => Volatile.Write(ref _deadline, _deadlines.After(time));

    private void Watch()
    {
        if (_watch is not null)
        {
            return;
        }

        if (!_hasBegun)
        {
            SetDeadline(Limits.IdleTimeout);
        }

        _watch = new LinkedListNode<IDeadlineWatcher>(this);
        _deadlines.Add(_watch);
        if (_connection.Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime)
        {
            _stopping = lifetime.ConnectionClosedRequested.UnsafeRegister(static state => ((OpeningReader<T>)state!).OnStopping(), this);
        }
    }

    private void Unwatch()
    {
        _stopping.Dispose();
        if (_watch is not null)
        {
            _deadlines.Remove(_watch);
        }
    }

    private void OnStopping()
    {
        // What is on its way is waited for; nothing is not.
        if (!_hasBegun)
        {
            _input.CancelPendingRead();
        }
    }
}
