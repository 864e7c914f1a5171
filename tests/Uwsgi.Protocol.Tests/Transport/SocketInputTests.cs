using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.Transport;

/// <summary>What a connection of the direct transport receives.</summary>
public class SocketInputTests
{
    private static readonly byte[] Message = "a message of some length, to be split everywhere"u8.ToArray();

    public static TheoryData<string> Transports => SocketPairs.Transports;

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_message_arrives_whole_wherever_it_is_split(string transport)
    {
        using var pairs = new SocketPairs(transport);
        await using var pair = pairs.Connect();
        for (var split = 0; split <= Message.Length; split++)
        {
            await pair.SendAsync(Message.AsMemory(0, split));
            _ = await ReadAsync(pair, split);
            var waiting = ReadAsync(pair, Message.Length);
            await pair.SendAsync(Message.AsMemory(split));
            Assert.Equal(Message, (await waiting).ToArray());
            pair.Connection.Input.AdvanceTo((await pair.Connection.Input.ReadAsync()).Buffer.End);
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task What_is_left_comes_again_in_order_and_reads_grow_with_the_flow(string transport)
    {
        var bytes = Pattern(3_000_000);
        using var pairs = new SocketPairs(transport);
        await using var pair = pairs.Connect();
        var sending = Task.Run(async () =>
        {
            await pair.SendAsync(bytes);
            pair.Peer.Shutdown(SocketShutdown.Send);
        });
        var random = new Random(1);
        var received = new List<byte>();
        var longest = 0;
        while (true)
        {
            var read = await pair.Connection.Input.ReadAsync().AsTask().Within();
            longest = Math.Max(longest, read.Buffer.First.Length);
            var taken = read.Buffer.Slice(0, random.Next(3) == 0 ? random.NextInt64(read.Buffer.Length + 1) : read.Buffer.Length);
            received.AddRange(taken.ToArray());

            // Examined up to somewhere between: the rest comes again at once, or with what follows.
            var examined = read.Buffer.GetPosition(random.NextInt64(read.Buffer.Length - taken.Length + 1), taken.End);
            pair.Connection.Input.AdvanceTo(taken.End, read.IsCompleted ? taken.End : examined);
            if (read.IsCompleted && taken.Length == read.Buffer.Length)
            {
                break;
            }
        }

        await sending.Within();
        Assert.Equal(bytes, received.ToArray());
        Assert.True(longest > 16 * 1024, $"{longest}");
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Bytes_that_are_not_examined_are_read_again_at_once(string transport)
    {
        using var pairs = new SocketPairs(transport);
        await using var pair = pairs.Connect();
        await pair.SendAsync(Message);
        var buffer = await ReadAsync(pair, Message.Length);
        var input = pair.Connection.Input;
        input.AdvanceTo(buffer.GetPosition(5), buffer.GetPosition(7));
        var again = input.ReadAsync();
        Assert.True(again.IsCompleted);
        Assert.Equal(Message[5..], (await again).Buffer.ToArray());
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task TryRead_takes_what_is_there_and_does_not_wait(string transport)
    {
        using var pairs = new SocketPairs(transport);
        await using var pair = pairs.Connect();
        var input = pair.Connection.Input;
        Assert.False(input.TryRead(out _));
        await pair.SendAsync(Message);
        ReadResult read = default;
        await Eventually.TrueAsync(() => input.TryRead(out read));
        Assert.Equal(Message, read.Buffer.ToArray());
        input.AdvanceTo(read.Buffer.End);
        Assert.False(input.TryRead(out _));
        pair.Peer.Shutdown(SocketShutdown.Send);
        await Eventually.TrueAsync(() => input.TryRead(out read));
        Assert.True(read.IsCompleted);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_cancellation_ends_one_read_and_loses_nothing(string transport)
    {
        using var pairs = new SocketPairs(transport);
        await using var pair = pairs.Connect();
        var input = pair.Connection.Input;

        // Before.
        input.CancelPendingRead();
        Assert.True((await input.ReadAsync().AsTask().Within()).IsCanceled);

        // Meanwhile.
        var waiting = input.ReadAsync().AsTask();
        Assert.False(waiting.IsCompleted);
        input.CancelPendingRead();
        Assert.True((await waiting.Within()).IsCanceled);

        // Behind: it is the next one's, with what that one would have had.
        waiting = input.ReadAsync().AsTask();
        await pair.SendAsync(Message);
        var read = await waiting.Within();
        Assert.False(read.IsCanceled);
        input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        input.CancelPendingRead();
        read = await input.ReadAsync().AsTask().Within();
        Assert.True(read.IsCanceled);
        Assert.Equal(Message, read.Buffer.ToArray());
        input.AdvanceTo(read.Buffer.End);

        waiting = input.ReadAsync().AsTask();
        await pair.SendAsync(Message);
        Assert.Equal(Message, (await waiting.Within()).Buffer.ToArray());
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_token_ends_one_read_and_loses_nothing(string transport)
    {
        using var pairs = new SocketPairs(transport);
        await using var pair = pairs.Connect();
        var input = pair.Connection.Input;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => input.ReadAsync(new CancellationToken(canceled: true)).AsTask().Within());
        using var canceling = new CancellationTokenSource();
        var waiting = input.ReadAsync(canceling.Token).AsTask();
        await canceling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Within());
        await pair.SendAsync(Message);
        Assert.Equal(Message, (await ReadAsync(pair, Message.Length)).ToArray());
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_token_is_heard_while_events_come(string transport)
    {
        using var pairs = new SocketPairs(transport);
        await using var pair = pairs.Connect();
        var watched = pair.Connection.Input.ReadAsync().AsTask();
        pair.Connection.Input.CancelPendingRead();
        _ = await watched.Within();
        for (var i = 0; i < 3000; i++)
        {
            using var canceling = new CancellationTokenSource();
            var waiting = pair.Connection.Input.ReadAsync(canceling.Token).AsTask();
            var telling = Task.Run(() =>
            {
                // Events with nothing behind them, as a poller has them where something else is watched too.
                pair.Connection.OnEvents(pairs.Poller.Epoll, pair.Connection.Serial, Uwsgi.Protocol.Transport.Libc.Readable);
            });
            await canceling.CancelAsync();
            await telling;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Within());
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task An_end_right_behind_bytes_is_found(string transport)
    {
        using var pairs = new SocketPairs(transport);
        for (var i = 0; i < 500; i++)
        {
            await using var pair = pairs.Connect();
            var input = pair.Connection.Input;
            var waiting = input.ReadAsync().AsTask();
            pair.Peer.Send(Message);
            pair.Peer.Shutdown(SocketShutdown.Send);
            var read = await waiting.Within();
            Assert.Equal(Message, read.Buffer.ToArray());
            input.AdvanceTo(read.Buffer.End);
            read = await input.ReadAsync().AsTask().Within();
            Assert.True(read.IsCompleted);
            Assert.True(read.Buffer.IsEmpty);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_reset_is_an_error(bool isWaiting)
    {
        using var pairs = new SocketPairs("tcp");
        await using var pair = pairs.Connect();
        var waiting = isWaiting ? pair.Connection.Input.ReadAsync().AsTask() : null;
        pair.Reset();
        await Assert.ThrowsAsync<ConnectionResetException>(() => (waiting ?? pair.Connection.Input.ReadAsync().AsTask()).Within());
    }

    [Fact]
    public async Task A_reset_that_a_write_has_met_is_no_end_in_order()
    {
        using var pairs = new SocketPairs("tcp");
        await using var pair = pairs.Connect();
        pair.Reset();
        while (!(await pair.Connection.Output.WriteAsync(new byte[1]).AsTask().Within()).IsCompleted)
        {
        }

        await Assert.ThrowsAsync<ConnectionResetException>(() => pair.Connection.Input.ReadAsync().AsTask().Within());
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_read_that_waits_learns_that_we_closed(string transport)
    {
        using var pairs = new SocketPairs(transport);
        await using var pair = pairs.Connect();
        var waiting = pair.Connection.Input.ReadAsync().AsTask();
        pair.Connection.Abort();
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => waiting.Within());
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => pair.Connection.Input.ReadAsync().AsTask().Within());
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_read_behind_one_that_waited_learns_that_we_closed_between(string transport)
    {
        using var pairs = new SocketPairs(transport);
        await using var pair = pairs.Connect();
        var input = pair.Connection.Input;
        var waiting = input.ReadAsync().AsTask();
        await pair.SendAsync(Message);
        input.AdvanceTo((await waiting.Within()).Buffer.End);
        pair.Connection.Abort();
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => Task.Run(() => input.ReadAsync().AsTask()).Within());
    }

    /// <summary>Reads until so many bytes are there, and leaves them, examined.</summary>
    private static async Task<ReadOnlySequence<byte>> ReadAsync(SocketPair pair, int count)
    {
        while (count > 0)
        {
            var read = await pair.Connection.Input.ReadAsync().AsTask().Within();
            if (read.Buffer.Length >= count)
            {
                pair.Connection.Input.AdvanceTo(read.Buffer.Start);
                return read.Buffer;
            }

            Assert.False(read.IsCompleted);
            pair.Connection.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }

        return default;
    }

    private static byte[] Pattern(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
