using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.FastCgi;

/// <summary>A front end's side of a FastCGI connection.</summary>
internal sealed class FastCgiPeer(TestConnection connection)
{
    private readonly List<byte> _bytes = [];
    private readonly List<FastCgiRecord> _records = [];

    public TestConnection Connection => connection;

    /// <summary>Records that were received and belong to no answer taken so far, in their order.</summary>
    public IReadOnlyList<FastCgiRecord> Records => _records;

    public Task SendAsync(params byte[][] pieces) => connection.SendAsync(WireBytes.Concat(pieces));

    /// <summary>The next answer to a request of this id, up to its end.</summary>
    public async Task<FastCgiAnswer> AnswerAsync(int id)
    {
        await UntilAsync(() => _records.Exists(record => record.Id == id && record.Type == FastCgiRecord.EndRequest));
        var end = _records.FindIndex(record => record.Id == id && record.Type == FastCgiRecord.EndRequest);
        var answer = _records.Take(end + 1).Where(record => record.Id == id).ToList();
        _records.RemoveAll(record => answer.Any(taken => ReferenceEquals(taken, record)));
        return new FastCgiAnswer(answer);
    }

    /// <summary>The next management record.</summary>
    public async Task<FastCgiRecord> ManagementAsync()
    {
        await UntilAsync(() => _records.Exists(record => record.Id == 0));
        return Take(_records.Find(record => record.Id == 0)!);
    }

    /// <summary>Takes a record off <see cref="Records"/>.</summary>
    public FastCgiRecord Take(FastCgiRecord record)
    {
        _records.RemoveAll(other => ReferenceEquals(other, record));
        return record;
    }

    /// <summary>Sends a request and takes its answer.</summary>
    public async Task<FastCgiAnswer> AskAsync(int id, byte[] request)
    {
        await SendAsync(request);
        return await AnswerAsync(id);
    }

    /// <summary>Reads to the end of the connection; what was received stands in <see cref="Records"/>.</summary>
    /// <returns>Whether it was reset.</returns>
    public async Task<bool> ReadToEndAsync()
    {
        var received = await connection.ReadToEndAsync();
        _bytes.AddRange(received.Bytes);
        _records.AddRange(FastCgiRecord.TakeAll(_bytes));
        Assert.True(received.IsReset || _bytes.Count == 0);
        await connection.Execution.Within();
        return received.IsReset;
    }

    /// <summary>Reads until something is so of the records.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            var more = await connection.ReadAsync(1);
            Assert.True(more.Length > 0, "The connection has ended.");
            _bytes.AddRange(more);
            _records.AddRange(FastCgiRecord.TakeAll(_bytes));
        }
    }

    /// <summary>The peer closes, and all ends.</summary>
    public async Task CloseAsync()
    {
        connection.EndInput();
        _ = await ReadToEndAsync();
    }
}
