using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;
using Uwsgi.Protocol.Connections;

namespace Uwsgi.Protocol.Transport;

/// <summary>What is sent to a socket: a flush is a system call, and has completed when the socket has everything.</summary>
/// <remarks>While a flush waits, more may be written; it is sent by the next one.</remarks>
internal sealed class SocketOutput(SocketConnection connection) : PipeWriter, IDirectOutput, IValueTaskSource<FlushResult>
{
    // The head of a response and a small body; what is larger comes in larger pieces.
    private const int UsualSize = 4 * 1024;
    private const int MaxSize = 64 * 1024;

    private ManualResetValueTaskSourceCore<FlushResult> _flush;
    private CancellationTokenRegistration _canceling;
    private OutputSegment? _head;
    private OutputSegment? _tail;
    private OutputSegment? _spare;
    private OutputSegment? _flushTail;
    private int _flushEnd;
    private DirectContent _source;
    private IOException? _sourceFailure;
    private int _size = UsualSize;
    private long _sent;

    // Odd while it sends: the system has bytes then that do not count as sent yet.
    private int _sends;
    private bool _isPeerGone;
    private bool _isCompleted;
    private bool _isEnding;

    // The flush that waits: its token, and whether its result has yet to be taken.
    private CancellationToken _cancellation;
    private bool _isPending;

    // Written under the connection's gate: whether a flush waits for the socket, and what has come between.
    private bool _isWaiting;
    private Epoll? _teller;
    private bool _isWritable;
    private volatile bool _isCancelWanted;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes
    {
        get
        {
            var count = 0L;
            for (var segment = _head; segment is not null; segment = segment.Next)
            {
                count += segment.End - segment.Start;
            }

            return count;
        }
    }

    public long? Taken
    {
        get
        {
            var sends = Volatile.Read(ref _sends);
            var taken = Volatile.Read(ref _sent) - connection.GetUntaken();
            return sends % 2 == 0 && sends == Volatile.Read(ref _sends) ? taken : null;
        }
    }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        ThrowIfCompleted();
        if (_tail is null || _tail.Room.Length < Math.Max(sizeHint, 1))
        {
            Grow(sizeHint);
        }

        return _tail!.Room;
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        ThrowIfCompleted();
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _tail?.Room.Length ?? 0);
        if (_tail is not null)
        {
            _tail.End += bytes;
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => SendAsync(default, cancellationToken);

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (source.Length < DirectContent.MinSize && !cancellationToken.IsCancellationRequested)
        {
            this.Write(source.Span);
            source = default;
        }

        // What is large is sent from where it is.
        return SendAsync(new DirectContent(source), cancellationToken);
    }

    public ValueTask<FlushResult> SendAsync(DirectContent content, CancellationToken cancellationToken)
    {
        ThrowIfCompleted();
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        }

        TakeBackSource();
        (_flushTail, _flushEnd, _source, _cancellation) = (_tail, _tail?.End ?? 0, content, cancellationToken);
        while (!TrySend())
        {
            _flush.Reset();
            if (TryWait())
            {
                return WaitAsync(cancellationToken);
            }

            if (_isCancelWanted || cancellationToken.IsCancellationRequested)
            {
                SetUnfinished(cancellationToken);
                return new ValueTask<FlushResult>(this, _flush.Version);
            }
        }

        if (_tail is { } tail && tail.Start == tail.End)
        {
            // What is idle holds no memory.
            tail.Return();
            _spare = tail;
            _head = _tail = null;
            _size = UsualSize;
        }

        return _sourceFailure is null ? new ValueTask<FlushResult>(Result()) : ValueTask.FromException<FlushResult>(TakeFailure());
    }

    public override void CancelPendingFlush()
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

        ThreadPool.UnsafeQueueUserWorkItem(static output => output.SetUnfinished(canceled: default), this, preferLocal: false);
    }

    /// <summary>Nobody writes any more. As of a pipe, what was written goes out, as far as the socket takes it, though nobody has flushed it.</summary>
    public override void Complete(Exception? exception = null)
    {
        if (_isCompleted)
        {
            return;
        }

        if (exception is null && !_isPending)
        {
            TakeBackSource();
            (_flushTail, _flushEnd) = (_tail, _tail?.End ?? 0);
            _ = TrySend();
        }

        _isCompleted = true;
    }

    FlushResult IValueTaskSource<FlushResult>.GetResult(short token)
    {
        _canceling.Dispose();
        _canceling = default;
        _isPending = false;
        return _flush.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => _flush.GetStatus(token);

    void IValueTaskSource<FlushResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _flush.OnCompleted(continuation, state, token, flags);

    /// <summary>The next flush is the last, and our side is ended as soon as it has completed.</summary>
    public void BeginEnd() => _isEnding = true;

    /// <summary>The socket may have room; called with the gate held.</summary>
    /// <param name="teller">Who says so.</param>
    /// <returns>Whether <see cref="OnWritable"/> is to be called, without the gate.</returns>
    public bool TakeWritable(Epoll teller)
    {
        var isWaiting = _isWaiting;
        if (isWaiting && teller != _teller)
        {
            // Who is waited for says it too, on the thread that is to go on.
            return false;
        }

        _isWaiting = false;
        _isWritable = !isWaiting;
        return isWaiting;
    }

    /// <summary>Sends on for the flush that waits; who waits for it goes on on this thread.</summary>
    public void OnWritable()
    {
        while (!TrySend())
        {
            if (TryWait())
            {
                return;
            }

            if (_isCancelWanted || _cancellation.IsCancellationRequested)
            {
                SetUnfinished(_cancellation);
                return;
            }
        }

        if (_sourceFailure is null)
        {
            _flush.SetResult(Result());
        }
        else
        {
            _flush.SetException(TakeFailure());
        }
    }

    /// <summary>The socket is closed: a flush that waits learns of it; called with the gate held.</summary>
    public void OnClosed()
    {
        _isPeerGone = true;
        if (_isWaiting)
        {
            _isWaiting = false;
            ThreadPool.UnsafeQueueUserWorkItem(static output => output._flush.SetResult(output.Result()), this, preferLocal: false);
        }
    }

    /// <summary>Gives everything back; nobody writes any more.</summary>
    public void Release()
    {
        _isCompleted = true;
        if (_isPending)
        {
            // A flush that its writer has left alone: another thread may be sending for it, and keeps the memory.
            return;
        }

        while (_head is not null)
        {
            var next = _head.Next;
            _head.Return();
            _spare = _head;
            _head = next;
        }

        _tail = null;
    }

    /// <summary>Makes it as new, once everything has been given back.</summary>
    public bool TryRenew()
    {
        if (_isPending)
        {
            return false;
        }

        _flushTail = null;
        _flushEnd = 0;
        _source = default;
        _sourceFailure = null;
        _size = UsualSize;
        _sent = 0;
        _cancellation = default;
        _isPeerGone = _isCompleted = _isEnding = false;
        _isWritable = _isCancelWanted = false;
        return true;
    }

    private FlushResult Result()
    {
        // A cancellation that comes meanwhile is left for the next flush.
        if (!_isCancelWanted)
        {
            return new FlushResult(isCanceled: false, _isPeerGone);
        }

        _isCancelWanted = false;
        return new FlushResult(isCanceled: true, _isPeerGone);
    }

    /// <summary>Ends a flush that has not sent everything. What it leaves is sent by the next one.</summary>
    private void SetUnfinished(CancellationToken canceled)
    {
        // It is the caller's again.
        _source = _source.IsEmpty ? default : Kept(_source);
        _sourceFailure = null;
        if (canceled.IsCancellationRequested)
        {
            _flush.SetException(new OperationCanceledException(canceled));
        }
        else
        {
            _flush.SetResult(Result());
        }
    }

    /// <summary>What a cancelled flush has left of a large write stands before everything that was written since.</summary>
    private void TakeBackSource()
    {
        if (_source.IsEmpty)
        {
            return;
        }

        var rest = SegmentOf(_source.Memory.Span);
        _source = default;
        if (_flushTail is not { } last)
        {
            rest.Next = _head;
            _head = rest;
            _tail ??= rest;
            return;
        }

        var since = last.Unsent(last.End)[(_flushEnd - last.Start)..];
        var end = since.IsEmpty ? rest : SegmentOf(since);
        rest.Next = end == rest ? null : end;
        end.Next = last.Next;
        last.Next = rest;
        last.End = _flushEnd;
        _tail = _tail == last ? end : _tail;
    }

    private static OutputSegment SegmentOf(ReadOnlySpan<byte> bytes)
    {
        var segment = new OutputSegment();
        segment.Rent(bytes.Length);
        bytes.CopyTo(segment.Room.Span);
        segment.End = bytes.Length;
        return segment;
    }

    /// <summary>Sends as much of the flush as the socket takes.</summary>
    /// <returns>Whether that is all of it, or all that ever will be.</returns>
    private bool TrySend()
    {
        Volatile.Write(ref _sends, _sends + 1);
        try
        {
            return TrySendAll();
        }
        finally
        {
            Volatile.Write(ref _sends, _sends + 1);
        }
    }

    private bool TrySendAll()
    {
        while (_head is { } segment && _flushTail is not null)
        {
            var isLast = segment == _flushTail;
            if (!TrySend(segment, isLast ? _flushEnd : segment.End))
            {
                return false;
            }

            if (isLast)
            {
                break;
            }

            _head = segment.Next;
            segment.Return();
        }

        while (!_source.IsEmpty && !_isPeerGone)
        {
            var count = SendSource();
            if (count == -Libc.TryAgain)
            {
                return false;
            }

            _isPeerGone |= count < 0;
            OnSent(Math.Max(0, count));
            _source = _source.Slice(Math.Max(0, count));
        }

        _source = default;
        _flushTail = null;
        return true;
    }

    private void OnSent(int count) => Volatile.Write(ref _sent, _sent + count);

    private int SendSource()
    {
        if (_source.File is not { } file)
        {
            return connection.Send(_source.Memory.Span, _isEnding, ref _isWritable);
        }

        var count = connection.SendFile(file, _source.Offset, _source.Length, ref _isWritable);
        if (count == 0 || count is -Libc.InvalidArgument or -Libc.NotSupported)
        {
            // Of a system of files that has no pages to lend; one that has become shorter says so when it is read.
            _source = Kept(_source);
            return 0;
        }

        return count;
    }

    /// <summary>What is to be sent, in memory of our own. Where there is no such, nobody can tell what should stand there: the connection ends.</summary>
    private DirectContent Kept(DirectContent content)
    {
        try
        {
            return new DirectContent(content.ToArray());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            _sourceFailure = e as IOException ?? new IOException("The file cannot be read any more.", e);
            connection.Reset();
            return default;
        }
    }

    private IOException TakeFailure()
    {
        var failure = _sourceFailure!;
        _sourceFailure = null;
        return failure;
    }

    // Said without need, it would make the system wait for what never comes. Behind the last bytes the end comes: in the same packet.
    private bool HasMoreBehind(OutputSegment segment)
    {
        if (_isEnding)
        {
            return true;
        }

        for (; segment != _flushTail; segment = segment.Next!)
        {
            var next = segment.Next!;
            if (next.Start < (next == _flushTail ? _flushEnd : next.End))
            {
                return true;
            }
        }

        return !_source.IsEmpty;
    }

    private bool TrySend(OutputSegment segment, int end)
    {
        while (segment.Start < end)
        {
            var unsent = segment.Unsent(end);
            var count = _isPeerGone ? unsent.Length
                : segment == _flushTail && !_source.Memory.IsEmpty ? connection.Send(unsent, _source.Memory.Span, ref _isWritable)
                : connection.Send(unsent, HasMoreBehind(segment), ref _isWritable);
            if (count == -Libc.TryAgain)
            {
                return false;
            }

            _isPeerGone |= count < 0;
            OnSent(Math.Max(0, count));
            var taken = Math.Clamp(count, 0, unsent.Length);
            segment.Start += taken;
            if (count > taken)
            {
                _source = _source.Slice(count - taken);
            }
        }

        return true;
    }

    private bool TryWait()
    {
        lock (connection.Gate)
        {
            // A token cancelled from here on finds a flush that waits.
            if (_isWritable || _isCancelWanted || !connection.IsOpen || _cancellation.IsCancellationRequested)
            {
                return false;
            }

            _teller = connection.WatchWritable();
            _isPending = _isWaiting = true;
            return true;
        }
    }

    private ValueTask<FlushResult> WaitAsync(CancellationToken cancellationToken)
    {
        var flush = new ValueTask<FlushResult>(this, _flush.Version);
        if (cancellationToken.CanBeCanceled)
        {
            _canceling = cancellationToken.UnsafeRegister(static (state, token) => ((SocketOutput)state!).Cancel(token), this);
        }

        return flush;
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
            static state => state.Output.SetUnfinished(state.Token), (Output: this, Token: cancellationToken), preferLocal: false);
    }

    private void Grow(int sizeHint)
    {
        var segment = _spare ?? new OutputSegment();
        _spare = null;
        segment.Rent(Math.Max(_size, sizeHint));
        _size = Math.Min(_size * 4, MaxSize);
        if (_tail is null)
        {
            _head = _tail = segment;
        }
        else
        {
            _tail.Next = segment;
            _tail = segment;
        }
    }

    private void ThrowIfCompleted()
    {
        if (_isCompleted)
        {
            throw new InvalidOperationException("Writing is not allowed after the writer was completed.");
        }
    }
}
