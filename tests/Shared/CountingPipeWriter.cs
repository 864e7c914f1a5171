using System.Collections.Concurrent;
using System.IO.Pipelines;

namespace Uwsgi.Protocol.Testing;

/// <summary>Notes the bytes of each flush.</summary>
public class CountingPipeWriter(PipeWriter inner) : PipeWriter
{
    private readonly ConcurrentQueue<int> _flushes = new();
    private int _unflushed;
    private volatile bool _isWaiting;

    public IReadOnlyCollection<int> Flushes => _flushes;

    /// <summary>Forgets the flushes so far.</summary>
    public void Clear() => _flushes.Clear();

    /// <summary>How many bytes wait for a flush.</summary>
    public int Unflushed => Volatile.Read(ref _unflushed);

    /// <summary>Whether a flush waits for the peer.</summary>
    public bool IsWaiting => _isWaiting;

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override void Advance(int bytes)
    {
        inner.Advance(bytes);
        Interlocked.Add(ref _unflushed, bytes);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        OnFlush(0);
        return OnFlushing(inner.FlushAsync(cancellationToken));
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    /// <summary>A flush begins.</summary>
    /// <param name="more">What it brings beside what was written.</param>
    protected void OnFlush(int more)
    {
        var count = Interlocked.Exchange(ref _unflushed, 0) + more;
        if (count > 0)
        {
            _flushes.Enqueue(count);
        }
    }

    protected ValueTask<FlushResult> OnFlushing(ValueTask<FlushResult> flush) => flush.IsCompleted ? flush : WaitAsync(flush);

    private async ValueTask<FlushResult> WaitAsync(ValueTask<FlushResult> flush)
    {
        _isWaiting = true;
        try
        {
            return await flush.ConfigureAwait(false);
        }
        finally
        {
            _isWaiting = false;
        }
    }
}
