using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Transport;

namespace Uwsgi.Protocol.Tests.Transport;

/// <summary>What a connection of the direct transport sends.</summary>
public class SocketOutputTests
{
    // More than both buffers of a connection hold.
    private const int Much = 16 * 1024 * 1024;

    public static TheoryData<string> Transports => SocketPairs.Transports;

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Writes_of_every_size_arrive_in_order(string transport)
    {
        using var pairs = new SocketPairs(transport);
        await using var pair = pairs.Connect();
        var bytes = Pattern(2_000_000);
        var receiving = pair.ReceiveAsync(bytes.Length);
        var random = new Random(2);
        for (var written = 0; written < bytes.Length;)
        {
            var piece = bytes.AsMemory(written, Math.Min(bytes.Length - written, random.Next(1, 50_000)));
            if (random.Next(2) == 0)
            {
                pair.Connection.Output.Write(piece.Span);
                if (random.Next(3) == 0)
                {
                    _ = await pair.Connection.Output.FlushAsync().AsTask().Within();
                }
            }
            else
            {
                _ = await pair.Connection.Output.WriteAsync(piece).AsTask().Within();
            }

            written += piece.Length;
        }

        _ = await pair.Connection.Output.FlushAsync().AsTask().Within();
        Assert.Equal(bytes, await receiving);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_large_write_waits_for_a_slow_reader_and_is_sent_from_where_it_is(string transport)
    {
        using var pairs = new SocketPairs(transport);
        await using var pair = pairs.Connect();
        var bytes = Pattern(Much);
        var writing = pair.Connection.Output.WriteAsync(bytes).AsTask();
        Assert.False(writing.IsCompleted);

        // A copy would not know.
        bytes[^1] ^= 0xFF;
        Assert.Equal(bytes, await pair.ReceiveAsync(Much));
        Assert.False((await writing.Within()).IsCompleted);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task What_is_written_while_a_flush_waits_follows_it(string transport)
    {
        using var pairs = new SocketPairs(transport);
        await using var pair = pairs.Connect();
        var bytes = Pattern(Much);
        pair.Connection.Output.Write(bytes);
        var flushing = pair.Connection.Output.FlushAsync().AsTask();
        Assert.False(flushing.IsCompleted);
        var receiving = pair.ReceiveAsync(Much);
        var written = new List<byte>();
        for (var i = 0; !flushing.IsCompleted || i < 100; i++)
        {
            byte[] more = [(byte)i, (byte)(i >> 8)];
            pair.Connection.Output.Write(more);
            written.AddRange(more);
            await Task.Yield();
        }

        Assert.Equal(bytes, await receiving);
        _ = await flushing.Within();

        // On a busy machine it may be more than a socket holds.
        var last = pair.Connection.Output.FlushAsync().AsTask();
        Assert.Equal(written, await pair.ReceiveAsync(written.Count));
        _ = await last.Within();
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_token_ends_a_write_and_what_follows_is_not_torn(string transport)
    {
        using var pairs = new SocketPairs(transport);
        await using var pair = pairs.Connect();
        var output = pair.Connection.Output;
        var large = Pattern(Much);
        byte[] expected = [1, 2, .. large, 3, 4, 5, 6, .. large[..100_000], 7];
        output.Write(new byte[] { 1, 2 });
        using var canceling = new CancellationTokenSource();
        var writing = output.WriteAsync(large, canceling.Token).AsTask();
        output.Write(new byte[] { 3, 4 });
        await canceling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.Within());

        // The memory is its owner's again.
        var second = large[..100_000];
        large.AsSpan().Clear();
        var receiving = pair.ReceiveAsync(expected.Length);
        output.Write(new byte[] { 5, 6 });
        _ = await output.WriteAsync(second).AsTask().Within();
        _ = await output.WriteAsync(new byte[] { 7 }).AsTask().Within();
        var received = await receiving;
        Assert.True(expected.AsSpan().SequenceEqual(received));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_write_that_is_cancelled_again_and_again_is_not_torn(string transport)
    {
        using var pairs = new SocketPairs(transport);
        await using var pair = pairs.Connect();
        var output = pair.Connection.Output;
        var expected = new MemoryStream();
        var random = new Random(3);
        var received = new MemoryStream();

        // Nobody reads yet: the first one waits, and is cancelled.
        using (var canceling = new CancellationTokenSource())
        {
            var bytes = Pattern(32 * 1024 * 1024);
            expected.Write(bytes);
            var writing = output.WriteAsync(bytes, canceling.Token).AsTask();
            await canceling.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing.Within());
            bytes.AsSpan().Clear();
        }

        var receiving = Task.Run(async () =>
        {
            var buffer = new byte[30_000];
            while (await pair.Peer.ReceiveAsync(buffer.AsMemory()).AsTask().Within() is > 0 and var count)
            {
                received.Write(buffer, 0, count);
            }
        });
        for (var i = 0; i < 150; i++)
        {
            var bytes = Pattern(random.Next(1, 1_000_000));
            expected.Write(bytes);
            using var canceling = new CancellationTokenSource();
            var writing = output.WriteAsync(bytes, canceling.Token).AsTask();
            var canceler = Task.Run(canceling.Cancel);
            try
            {
                _ = await writing.Within();
            }
            catch (OperationCanceledException)
            {
                // What is left of it is sent by the next one.
            }

            await canceler;
            bytes.AsSpan().Clear();
        }

        _ = await output.FlushAsync().AsTask().Within();
        await pair.Connection.DisposeAsync();
        await receiving.Within();
        Assert.True(expected.ToArray().AsSpan().SequenceEqual(received.ToArray()));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task What_was_written_and_not_flushed_is_sent_when_the_writer_is_completed(string transport)
    {
        using var pairs = new SocketPairs(transport);
        await using var pair = pairs.Connect();
        pair.Connection.Output.Write("the head"u8);
        pair.Connection.Output.Complete();
        await pair.Connection.DisposeAsync();
        var buffer = new byte[100];
        var received = await pair.Peer.ReceiveAsync(buffer.AsMemory()).AsTask().Within();
        Assert.Equal("the head", System.Text.Encoding.ASCII.GetString(buffer, 0, received));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_cancelled_flush_is_sent_by_the_next_one(string transport)
    {
        using var pairs = new SocketPairs(transport);
        await using var pair = pairs.Connect();
        var output = pair.Connection.Output;
        var bytes = Pattern(Much);
        output.Write(bytes);
        var flushing = output.FlushAsync().AsTask();
        output.CancelPendingFlush();
        Assert.True((await flushing.Within()).IsCanceled);

        // Before one: it does not wait for a socket that is full.
        output.CancelPendingFlush();
        Assert.True((await Task.Run(() => output.FlushAsync().AsTask()).Within()).IsCanceled);
        var last = output.FlushAsync().AsTask();
        Assert.Equal(bytes, await pair.ReceiveAsync(Much));
        Assert.False((await last.Within()).IsCanceled);
    }

    [Theory]
    [InlineData("tcp", true)]
    [InlineData("unix", true)]
    [InlineData("tcp", false)]
    [InlineData("unix", false)]
    public async Task A_flush_that_waits_learns_of_the_end(string transport, bool isPeer)
    {
        using var pairs = new SocketPairs(transport);
        await using var pair = pairs.Connect();
        pair.Connection.Output.Write(Pattern(Much));
        var flushing = pair.Connection.Output.FlushAsync().AsTask();
        Assert.False(flushing.IsCompleted);
        if (isPeer)
        {
            pair.Reset();
        }
        else
        {
            pair.Connection.Abort();
        }

        Assert.True((await flushing.Within()).IsCompleted);
        Assert.True((await pair.Connection.Output.WriteAsync(Pattern(100_000)).AsTask().Within()).IsCompleted);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_piece_of_a_file_that_is_cancelled_is_not_torn(string transport)
    {
        using var directory = new TemporaryDirectory();
        using var pairs = new SocketPairs(transport);
        await using var pair = pairs.Connect();
        var output = (SocketOutput)pair.Connection.Output;
        var bytes = Pattern(Much);
        await File.WriteAllBytesAsync(directory["file"], bytes);
        using (var file = File.OpenHandle(directory["file"]))
        using (var canceling = new CancellationTokenSource())
        {
            output.Write("before"u8);
            var sending = output.SendAsync(new DirectContent(file, 1, Much - 2), canceling.Token).AsTask();
            Assert.False(sending.IsCompleted);
            await canceling.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending.Within());
        }

        // It was closed since.
        File.Delete(directory["file"]);
        byte[] expected = [.. "before"u8, .. bytes[1..^1], .. "after"u8];
        var receiving = pair.ReceiveAsync(expected.Length);
        _ = await output.WriteAsync("after"u8.ToArray()).AsTask().Within();
        var received = await receiving;
        Assert.True(expected.AsSpan().SequenceEqual(received));
    }

    [Theory]
    [InlineData("tcp", true)]
    [InlineData("unix", true)]
    [InlineData("tcp", false)]
    [InlineData("unix", false)]
    public async Task A_piece_of_a_file_that_has_become_shorter_fails_and_ends_the_connection(string transport, bool hasBegun)
    {
        using var directory = new TemporaryDirectory();
        using var pairs = new SocketPairs(transport);
        await using var pair = pairs.Connect();
        var output = (SocketOutput)pair.Connection.Output;
        await File.WriteAllBytesAsync(directory["file"], Pattern(hasBegun ? Much : 100));
        using var file = File.OpenHandle(directory["file"], access: FileAccess.ReadWrite);
        var sending = output.SendAsync(new DirectContent(file, 0, Much), CancellationToken.None).AsTask();
        if (hasBegun)
        {
            Assert.False(sending.IsCompleted);
            RandomAccess.SetLength(file, 100);
            _ = await pair.ReceiveAsync(100);
            _ = pair.ReceiveAsync(Much).ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        await Assert.ThrowsAsync<EndOfStreamException>(() => sending.Within());
        Assert.True((await output.WriteAsync(new byte[1]).AsTask().Within()).IsCompleted);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_file_whose_system_lends_no_pages_is_read(string transport)
    {
        using var pairs = new SocketPairs(transport);
        await using var pair = pairs.Connect();
        var output = (SocketOutput)pair.Connection.Output;
        var expected = (await File.ReadAllBytesAsync("/proc/self/maps"))[..64];
        using var file = File.OpenHandle("/proc/self/maps");
        _ = await output.SendAsync(new DirectContent(file, 0, expected.Length), CancellationToken.None).AsTask().Within();
        Assert.Equal(expected, await pair.ReceiveAsync(expected.Length));
    }

    [Theory]
    [InlineData(4096)]
    [InlineData(20_000)]
    public async Task Nothing_is_held_back_for_a_piece_that_is_empty(int size)
    {
        using var pairs = new SocketPairs("tcp");
        await using var pair = pairs.Connect();
        var bytes = Pattern(size);
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 30; i++)
        {
            pair.Connection.Output.Write(bytes);

            // Another piece, and nothing in it.
            _ = pair.Connection.Output.GetMemory(100_000);
            _ = await pair.Connection.Output.FlushAsync().AsTask().Within();
            Assert.Equal(bytes, await pair.ReceiveAsync(size));
        }

        // Each would have been 200 ms late.
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(4), $"{watch.Elapsed}");
    }

    private static byte[] Pattern(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
