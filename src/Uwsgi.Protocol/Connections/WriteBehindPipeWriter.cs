using System.IO.Pipelines;

namespace Uwsgi.Protocol.Connections;

/// <summary>
/// Flushes without waiting for the socket, up to a bound, as the output of Kestrel's transport does. That of our endpoints waits each time, for
/// the sake of a half-close behind the response; HTTP has no use for it, and its pipelined responses would go out one by one.
/// </summary>
/// <param name="output">
/// The output of Kestrel's socket transport: a flush of it that is not waited for goes on, and the next one stands for both.
/// </param>
internal sealed class WriteBehindPipeWriter(PipeWriter output) : PipeWriter
{
    /// <summary>How many bytes may be with the transport and not with the socket: its own default, SocketTransportOptions.MaxWriteBufferSize.</summary>
    public const int MaxBehind = 64 * 1024;

    private ValueTask<FlushResult> _flush;
    private long _behind;

    public override bool CanGetUnflushedBytes => output.CanGetUnflushedBytes;

    public override long UnflushedBytes => output.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => output.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => output.GetSpan(sizeHint);

    public override void Advance(int bytes) => output.Advance(bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        }

        _behind = output.UnflushedBytes + (_flush.IsCompleted ? 0 : _behind);

        // Without the token: nobody would take it back from a flush that is not waited for.
#pragma warning disable CA2012 // A pipe's are not pooled: one that is asked twice, or never, does no harm.
        _flush = output.FlushAsync(CancellationToken.None);
#pragma warning restore CA2012
        return _flush.IsCompleted ? _flush : _behind < MaxBehind ? default : output.FlushAsync(cancellationToken);
    }

    public override void CancelPendingFlush() => output.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => output.Complete(exception);

    public override ValueTask CompleteAsync(Exception? exception = null) => output.CompleteAsync(exception);
}
