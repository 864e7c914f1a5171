namespace Uwsgi.Protocol.FunctionalTests.Clients;

/// <summary>A body that ends with its connection and must then be as long as its Content-Length said.</summary>
internal sealed class AnswerBody(Stream connection, long? length) : Stream
{
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (length is { } all && _read >= all)
        {
            return 0;
        }

        var read = await connection.ReadAsync(buffer, cancellationToken);
        if (read == 0 && buffer.Length > 0 && _read < length)
        {
            throw new HttpIOException(HttpRequestError.ResponseEnded, $"The answer ended after {_read} of {length} bytes.");
        }

        _read += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            connection.Dispose();
        }

        base.Dispose(disposing);
    }
}
