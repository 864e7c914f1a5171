namespace Uwsgi.Protocol.FunctionalTests.Clients;

/// <summary>A body that ends with its connection and must then be as long as its Content-Length said.</summary>
internal sealed class AnswerBody(Stream connection, long? length) : ReadOnlyStream(connection)
{
    private long _read;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (length is { } all && _read >= all)
        {
            return 0;
        }

        var read = await Connection.ReadAsync(buffer, cancellationToken);
        if (read == 0 && buffer.Length > 0 && _read < length)
        {
            throw new HttpIOException(HttpRequestError.ResponseEnded, $"The answer ended after {_read} of {length} bytes.");
        }

        _read += read;
        return read;
    }
}
