using System.Buffers;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.FunctionalTests.Clients;

/// <summary>The content of a connection's FCGI_STDOUT records, until FCGI_END_REQUEST and the close that must follow at once.</summary>
internal sealed class FastCgiStdout(Stream connection) : ReadOnlyStream(connection)
{
    private int _content;
    private int _padding;
    private bool _hasEnded;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_content == 0 && !_hasEnded)
        {
            await OnRecordAsync(cancellationToken);
        }

        if (_hasEnded || buffer.Length == 0)
        {
            return 0;
        }

        var read = await Connection.ReadAsync(buffer[..Math.Min(buffer.Length, _content)], cancellationToken);
        _content -= read > 0 ? read : throw new EndOfStreamException("The connection ended in the middle of a record.");
        return read;
    }

    private async Task OnRecordAsync(CancellationToken cancellationToken)
    {
        await TakeAsync(_padding, cancellationToken);
        Assert.True(FastCgiRecordHeader.TryParse(await TakeAsync(FastCgiRecordHeader.Size, cancellationToken), out var header));
        Assert.Equal(DirectConnection.FastCgiRequestId, header.RequestId);
        _padding = header.PaddingLength;
        if (header.Type == FastCgiRecordType.Stdout)
        {
            _content = header.ContentLength;
            return;
        }

        Assert.Equal(FastCgiRecordType.EndRequest, header.Type);
        Assert.Equal(new FastCgiEndRequest(0, FastCgiProtocolStatus.RequestComplete), FastCgiEndRequest.Parse(await TakeAsync(header.ContentLength, cancellationToken)));
        Assert.Equal(0, await Connection.ReadAsync(new byte[1], cancellationToken));
        _hasEnded = true;
    }

    private async Task<ReadOnlySequence<byte>> TakeAsync(int count, CancellationToken cancellationToken)
    {
        var bytes = new byte[count];
        await Connection.ReadExactlyAsync(bytes, cancellationToken);
        return new ReadOnlySequence<byte>(bytes);
    }
}
