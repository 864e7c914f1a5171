using System.IO.Pipelines;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.OnePort;

/// <summary>HTTP on an endpoint of ours need not wait for the socket after each flush, as it does not on Kestrel's.</summary>
public class WriteBehindPipeWriterTests
{
    // As that of our endpoints: a flush has ended when all is with the socket.
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1, useSynchronizationContext: false));
    private readonly WriteBehindPipeWriter _writer;

    public WriteBehindPipeWriterTests() => _writer = new WriteBehindPipeWriter(_pipe.Writer);

    [Fact]
    public async Task Flushes_run_ahead_of_the_reader_up_to_the_bound_and_no_further()
    {
        await WriteAsync(1);
        await WriteAsync(WriteBehindPipeWriter.MaxBehind - 2);
        var beyond = _writer.WriteAsync(new byte[1]);
        Assert.False(beyond.IsCompleted);
        Assert.Equal(WriteBehindPipeWriter.MaxBehind, await TakeAsync());
        Assert.False((await beyond.AsTask().Within()).IsCompleted);

        // All is with the socket: from here on the bound is whole again.
        await WriteAsync(WriteBehindPipeWriter.MaxBehind - 1);
    }

    [Fact]
    public async Task What_the_reader_keeps_up_with_never_waits()
    {
        for (var i = 0; i < 10; i++)
        {
            await WriteAsync(WriteBehindPipeWriter.MaxBehind - 1);
            Assert.Equal(WriteBehindPipeWriter.MaxBehind - 1, await TakeAsync());
        }
    }

    [Fact]
    public async Task The_end_of_the_reader_is_told_by_the_next_flush()
    {
        await WriteAsync(10);
        _pipe.Reader.Complete();
        var flush = await _writer.WriteAsync(new byte[1]).AsTask().Within();
        Assert.True(flush.IsCompleted);
    }

    [Fact]
    public async Task A_flush_that_waits_can_be_cancelled_by_its_token_and_by_its_writer()
    {
        using var cancellation = new CancellationTokenSource();
        var late = _writer.WriteAsync(new byte[WriteBehindPipeWriter.MaxBehind], cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => late.AsTask().Within());

        // What was not sent is still there, and counts.
        late = _writer.WriteAsync(new byte[1]);
        Assert.False(late.IsCompleted);
        _writer.CancelPendingFlush();
        Assert.True((await late.AsTask().Within()).IsCanceled);
        Assert.Equal(WriteBehindPipeWriter.MaxBehind + 1, await TakeAsync());
    }

    [Fact]
    public async Task A_token_of_a_flush_that_was_not_waited_for_cancels_nothing_later()
    {
        using var cancellation = new CancellationTokenSource();
        Assert.True(_writer.WriteAsync(new byte[1], cancellation.Token).IsCompletedSuccessfully);
        await cancellation.CancelAsync();
        await WriteAsync(1);
        Assert.True(_writer.WriteAsync(new byte[1], cancellation.Token).IsCanceled);
    }

    private async Task WriteAsync(int count)
    {
        var flush = _writer.WriteAsync(new byte[count]);
        Assert.True(flush.IsCompletedSuccessfully);
        var result = await flush;
        Assert.False(result.IsCanceled || result.IsCompleted);
    }

    private async Task<long> TakeAsync()
    {
        var result = await _pipe.Reader.ReadAsync().AsTask().Within();
        var length = result.Buffer.Length;
        _pipe.Reader.AdvanceTo(result.Buffer.End);
        return length;
    }
}
