using System.IO.Pipelines;

namespace Uwsgi.Protocol.Http;

/// <summary>One request's hold on the <see cref="ResponseWriter"/>: it ends with the request, and later calls fail.</summary>
internal sealed class ResponseBody(ResponseWriter writer) : PipeWriter
{
    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => writer.GetUnflushedBytes(this);

    public override Memory<byte> GetMemory(int sizeHint = 0) => writer.GetMemory(this, sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => writer.GetMemory(this, sizeHint).Span;

    public override void Advance(int bytes) => writer.Advance(this, bytes);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        writer.FlushAsync(this, cancellationToken);

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
        writer.WriteAsync(this, source, cancellationToken);

    public override void CancelPendingFlush()
    {
    }

    /// <summary>Completes nothing: the response ends with the request, or by <c>HttpResponse.CompleteAsync</c>.</summary>
    public override void Complete(Exception? exception = null)
    {
    }
}
