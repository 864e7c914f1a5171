using System.Collections.Concurrent;
using System.IO.Pipelines;

namespace Uwsgi.Protocol.Testing;

/// <summary>Notes the bytes of each flush.</summary>
public sealed class CountingPipeWriter(PipeWriter inner) : PipeWriter
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

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override void Advance(int bytes)
    {
        inner.Advance(bytes);
        Interlocked.Add(ref _unflushed, bytes);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _unflushed, 0) is > 0 and var count)
        {
            _flushes.Enqueue(count);
        }

        var flush = inner.FlushAsync(cancellationToken);
        return flush.IsCompleted ? flush : WaitAsync(flush);
    }

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

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
