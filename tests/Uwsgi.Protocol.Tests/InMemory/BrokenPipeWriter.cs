using System.IO.Pipelines;

namespace Uwsgi.Protocol.Tests.InMemory;

/// <summary>A transport's output whose flushes fail, at once or later.</summary>
internal sealed class BrokenPipeWriter(PipeWriter inner, Exception error, bool isLate) : PipeWriter
{
    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override void Advance(int bytes) => inner.Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => isLate ? FailAsync() : throw error;

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    private async ValueTask<FlushResult> FailAsync()
    {
        await Task.Yield();
        throw error;
    }
}
