using System.Buffers;
using System.IO.Pipelines;

namespace Uwsgi.Protocol.Http;

/// <summary>The raw bytes of a connection that the front end has handed over: a WebSocket's, usually.</summary>
internal sealed class UpgradeStream(PipeReader input, PipeWriter output) : PassingStream
{
    private readonly AppReads _reads = new(input);
    private volatile bool _isAborted;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override int Read(byte[] buffer, int offset, int count) =>
        ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        _reads.Begin();
        try
        {
            return await ReadInputAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _reads.End();
        }
    }

    /// <inheritdoc cref="AppReads.StopAsync"/>
    public Task StopAsync() => _reads.StopAsync();

    /// <summary>Reads and writes fail from here on, whatever becomes of the connection: FastCGI's may have other requests on it.</summary>
    public void Abort()
    {
        _isAborted = true;
        input.CancelPendingRead();
    }

    public override void Write(byte[] buffer, int offset, int count) =>
        WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowIfAborted();
        var result = await output.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (result.IsCompleted)
        {
            throw new IOException("The connection is closed.");
        }
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async ValueTask<int> ReadInputAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            ThrowIfAborted();
            var result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            var content = result.Buffer;
            if (content.Length > buffer.Length)
            {
                content = content.Slice(0, buffer.Length);
            }

            content.CopyTo(buffer.Span);
            var count = (int)content.Length;
            input.AdvanceTo(content.End);
            if (count > 0 || result.IsCompleted || buffer.IsEmpty || _reads.IsStopped)
            {
                return count;
            }
        }
    }

    private void ThrowIfAborted()
    {
        if (_isAborted)
        {
            throw new IOException("The request was aborted.");
        }
    }
}
