using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Uwsgi.Protocol.Http;

/// <summary>A response's body as a stream.</summary>
internal sealed class ResponseBodyStream(PipeWriter writer, IHttpBodyControlFeature control) : PassingStream
{
    public override bool CanRead => false;

    public override bool CanWrite => true;

    public override void Write(byte[] buffer, int offset, int count)
    {
        ThrowIfAsynchronousOnly("WriteAsync");
        WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var pending = writer.WriteAsync(buffer, cancellationToken);
        return pending.IsCompletedSuccessfully ? default : Await(pending);

        static async ValueTask Await(ValueTask<FlushResult> pending) => _ = await pending.ConfigureAwait(false);
    }

    public override IAsyncResult BeginWrite(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(WriteAsync(buffer, offset, count), callback, state);

    public override void EndWrite(IAsyncResult asyncResult) => TaskToAsyncResult.End(asyncResult);

    public override void Flush()
    {
        ThrowIfAsynchronousOnly("FlushAsync");
        FlushAsync(CancellationToken.None).GetAwaiter().GetResult();
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => writer.FlushAsync(cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void ThrowIfAsynchronousOnly(string instead)
    {
        if (!control.AllowSynchronousIO)
        {
            throw new InvalidOperationException(
                $"Synchronous operations are disallowed. Call {instead} or set AllowSynchronousIO to true instead.");
        }
    }
}
