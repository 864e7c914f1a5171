using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using Microsoft.AspNetCore.Connections;

namespace Uwsgi.Protocol.Transport;

/// <summary>What a socket receives, as a pipe without a pipe: a read is a system call, and waits only where that would.</summary>
internal sealed class SocketInput(SocketConnection connection) : PipeReader, IValueTaskSource<ReadResult>, IThreadPoolWorkItem
{
    // A head with all its variables; what flows longer is received in larger pieces.
    private const int UsualSize = 8 * 1024;
    private const int MaxSize = 128 * 1024;

    // Less room than this is not worth a system call.
    private const int MinRoom = 1024;

    private ManualResetValueTaskSourceCore<ReadResult> _read;
    private CancellationTokenRegistration _canceling;
    private InputSegment? _head;
    private InputSegment? _tail;
    private InputSegment? _spare;
    private int _start;
    private long _examined;
    private int _size = UsualSize;
    private bool _isFull;
    private bool _isDry;
    private bool _isCompleted;
    private bool _isOver;

    // The read that waits: its token, and whether its result has yet to be taken.
    private CancellationToken _cancellation;
    private bool _isPending;

    // Written under the connection's gate: whether a read waits for the socket, and what has come between.
    private volatile bool _isWaiting;
    private volatile bool _isCancelWanted;
    private bool _isReadable;

    /// <summary>Whether somebody waits for what is received next.</summary>
    public bool IsAwaited => _isWaiting;

    private long End => _tail is null ? 0 : _tail.RunningIndex + _tail.End;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfOver();
        _cancellation = cancellationToken;
        do
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return ValueTask.FromCanceled<ReadResult>(cancellationToken);
            }

            if (HasResult() || (!CanSkipReceive() && TryReceive()))
            {
                return new ValueTask<ReadResult>(TakeResult());
            }
        }
        while (!TryWait());

        return WaitAsync(cancellationToken);
    }

    public override bool TryRead(out ReadResult result)
    {
        ThrowIfOver();
        if (!HasResult() && !TryReceive())
        {
            result = default;
            return false;
        }

        result = TakeResult();
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_head is null || consumed.GetObject() is not InputSegment segment)
        {
            return;
        }

        var offset = OffsetOf(consumed);
        if (offset < _head.RunningIndex + _start || offset > End)
        {
            throw new ArgumentOutOfRangeException(nameof(consumed));
        }

        _examined = examined.GetObject() is null ? offset : Math.Max(offset, OffsetOf(examined));
        while (_head != segment)
        {
            var next = _head!.Following;
            Free(_head);
            _head = next;
        }

        _start = consumed.GetInteger();
        if (offset == End)
        {
            // Nothing is left: the next bytes come into the same room.
            while (_head != _tail)
            {
                var next = _head!.Following;
                Free(_head);
                _head = next;
            }

            _head!.Clear();
            _start = 0;
            _examined = 0;
        }
    }

    public override void CancelPendingRead()
    {
        lock (connection.Gate)
        {
            _isCancelWanted = true;
            if (!_isWaiting)
            {
                return;
            }

            _isWaiting = false;
        }

        // Not here: whoever cancels does not expect the reader to go on before he does.
        Worker.Schedule(this);
    }

    public override void Complete(Exception? exception = null) => _isOver = true;

    /// <summary>A read was cancelled.</summary>
    void IThreadPoolWorkItem.Execute() => SetResult();

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token)
    {
        _canceling.Dispose();
        _canceling = default;
        _isPending = false;
        return _read.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);

    /// <summary>The socket may have something; called with the gate held.</summary>
    /// <returns>Whether <see cref="OnReadable"/> is to be called, without the gate.</returns>
    public bool TakeReadable()
    {
        var isWaiting = _isWaiting;
        _isWaiting = false;
        _isReadable = !isWaiting;
        return isWaiting;
    }

    /// <summary>Receives for the read that waits, which goes on on this thread.</summary>
    public void OnReadable()
    {
        try
        {
            while (!TryReceive())
            {
                if (TryWaitOn())
                {
                    return;
                }

                if (_isCancelWanted)
                {
                    break;
                }

                _cancellation.ThrowIfCancellationRequested();
            }
        }
        catch (Exception e)
        {
            _read.SetException(e);
            return;
        }

        SetResult();
    }

    /// <summary>The socket is closed: a read that waits learns of it; called with the gate held.</summary>
    public void OnClosed()
    {
        if (_isWaiting)
        {
            _isWaiting = false;
            ThreadPool.UnsafeQueueUserWorkItem(
                static input => input._read.SetException(new ConnectionAbortedException("The connection was closed.")), this, preferLocal: false);
        }
    }

    /// <summary>Gives everything back; nobody reads any more.</summary>
    public void Release()
    {
        if (_isPending)
        {
            // A read that its reader has left alone: another thread may be receiving for it, and keeps the memory.
            return;
        }

        while (_head is not null)
        {
            var next = _head.Following;
            Free(_head);
            _head = next;
        }
    }

    /// <summary>Makes it as new, once everything has been given back.</summary>
    public bool TryRenew()
    {
        if (_isPending)
        {
            return false;
        }

        _start = 0;
        _examined = 0;
        _size = UsualSize;
        _isFull = _isDry = _isCompleted = _isOver = false;
        _isCancelWanted = _isReadable = false;
        _cancellation = default;
        return true;
    }

    private bool HasResult() => _isWaiting
        ? throw new InvalidOperationException("Concurrent reads of a connection are not supported.")
        : _isCancelWanted || _isCompleted || End > _examined;

    // One that comes meanwhile is left for the next read.
    private bool TakeCancel()
    {
        if (!_isCancelWanted)
        {
            return false;
        }

        _isCancelWanted = false;
        return true;
    }

    private ReadResult TakeResult()
    {
        var isCanceled = TakeCancel();
        if (isCanceled && !_isCompleted && End <= _examined)
        {
            // What came before the cancellation is told of with it: who stops here must not overlook a request.
            _ = TryReceive();
        }

        return new ReadResult(Buffered(), isCanceled, _isCompleted);
    }

    private void SetResult()
    {
        ReadResult result;
        try
        {
            result = TakeResult();
        }
        catch (Exception e)
        {
            _read.SetException(e);
            return;
        }

        _read.SetResult(result);
    }

    private ReadOnlySequence<byte> Buffered() =>
        _tail is null || End == _head!.RunningIndex + _start ? default : new ReadOnlySequence<byte>(_head, _start, _tail, _tail.End);

    private static long OffsetOf(SequencePosition position) => ((InputSegment)position.GetObject()!).RunningIndex + position.GetInteger();

    /// <summary>
    /// Whether it is known that there is nothing to receive: the last read did not fill its room, no event has come since, and the peer's end,
    /// which may stand behind the bytes of that read without an event of its own, has not been heard of.
    /// </summary>
    private bool CanSkipReceive()
    {
        if (!_isDry)
        {
            return false;
        }

        lock (connection.Gate)
        {
            return connection.IsWatched && connection.IsOpen && !connection.IsPeerGone && !_isReadable;
        }
    }

    /// <summary>Receives what there is.</summary>
    /// <returns>Whether there was something: bytes, or the end.</returns>
    private bool TryReceive()
    {
        var room = GetRoom();
        var count = connection.Receive(room, ref _isReadable);
        if (count == -Libc.TryAgain)
        {
            _isDry = true;
            return false;
        }

        if (count < 0)
        {
            throw SocketFailure.OfRead(-count);
        }

        _isCompleted = count == 0;
        _isFull = count == room.Length;
        _isDry = !_isFull;
        _tail!.Commit(count);
        return true;
    }

    private Span<byte> GetRoom()
    {
        if (_head is not null && End == _head.RunningIndex + _start && _isFull && _head.Length < MaxSize)
        {
            // It flows: larger pieces from here on.
            Free(_head);
            _head = _tail = null;
            _size = Math.Min(_size * 4, MaxSize);
        }

        if (_tail is null || _tail.Room.Length < MinRoom)
        {
            var segment = _spare ?? new InputSegment();
            _spare = null;
            segment.Rent(_size);
            _tail?.Append(segment);
            _tail = segment;
            _head ??= segment;
        }

        return _tail.Room;
    }

    private void Free(InputSegment segment)
    {
        segment.Return();
        _spare = segment;
        if (_tail == segment)
        {
            _tail = null;
        }
    }

    /// <summary>Waits for the socket, unless something has come since it was asked.</summary>
    private bool TryWait()
    {
        if (_head is not null && End == _head.RunningIndex + _start)
        {
            // What is idle holds no memory.
            Free(_head);
            _head = null;
            _start = 0;
            _examined = 0;
            _size = UsualSize;
            _isFull = false;
        }

        _read.Reset();
        return TryWaitOn();
    }

    private bool TryWaitOn()
    {
        lock (connection.Gate)
        {
            // A token cancelled from here on finds a read that waits.
            if (_isReadable || _isCancelWanted || !connection.IsOpen || _cancellation.IsCancellationRequested)
            {
                return false;
            }

            connection.Watch(Libc.Readable);
            _isPending = _isWaiting = true;
            return true;
        }
    }

    private ValueTask<ReadResult> WaitAsync(CancellationToken cancellationToken)
    {
        var read = new ValueTask<ReadResult>(this, _read.Version);
        if (cancellationToken.CanBeCanceled)
        {
            _canceling = cancellationToken.UnsafeRegister(static (state, token) => ((SocketInput)state!).Cancel(token), this);
        }

        return read;
    }

    private void Cancel(CancellationToken cancellationToken)
    {
        lock (connection.Gate)
        {
            if (!_isWaiting)
            {
                return;
            }

            _isWaiting = false;
        }

        ThreadPool.UnsafeQueueUserWorkItem(
            static state => state.Input._read.SetException(new OperationCanceledException(state.Token)), (Input: this, Token: cancellationToken), preferLocal: false);
    }

    private void ThrowIfOver()
    {
        if (_isOver)
        {
            throw new InvalidOperationException("Reading is not allowed after the reader was completed.");
        }
    }
}
