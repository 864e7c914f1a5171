using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Http;

/// <summary>The body of a response: its length, when it leaves, and what stops it.</summary>
public class ResponseBodyTests
{
    [Fact]
    public async Task What_was_flushed_leaves_at_the_apps_first_wait()
    {
        var inside = new SyncPoint();
        await using var server = new InMemoryServer(async context =>
        {
            await context.Response.WriteAsync("one");
            await context.Response.WriteAsync("two");
            await inside.MeetAsync();
            await context.Response.WriteAsync("three");
        });
        var connection = server.Connect(Packets.Get());
        await inside.Reached;
        var first = Encoding.Latin1.GetString(await connection.ReadAsync(1));
        Assert.EndsWith("\r\n\r\nonetwo", first, StringComparison.Ordinal);
        Assert.Single(connection.Flushes);
        inside.Continue();
        Assert.Equal("three", (await connection.ReadToEndAsync()).Text);
    }

    [Fact]
    public async Task After_the_first_wait_every_flush_leaves_at_once()
    {
        var first = new SyncPoint();
        var second = new SyncPoint();
        await using var server = new InMemoryServer(async context =>
        {
            await first.MeetAsync();
            await context.Response.WriteAsync("event 1\n");
            await second.MeetAsync();
            await context.Response.WriteAsync("event 2\n");
        });
        var connection = server.Connect(Packets.Get());
        await first.Reached;
        Assert.Empty(connection.Flushes);
        first.Continue();
        await second.Reached;
        Assert.EndsWith("\r\n\r\nevent 1\n", Encoding.Latin1.GetString(await connection.ReadAsync(1)), StringComparison.Ordinal);
        second.Continue();
        Assert.Equal("event 2\n", (await connection.ReadToEndAsync()).Text);
    }

    [Fact]
    public async Task StartAsync_fixes_the_headers_and_leaves_with_the_rest()
    {
        await using var server = new InMemoryServer(async context =>
        {
            Assert.False(context.Response.HasStarted);
            await context.Response.StartAsync();
            Assert.True(context.Response.HasStarted);
            Assert.Throws<InvalidOperationException>(() => context.Response.StatusCode = 404);
            Assert.Throws<InvalidOperationException>(() => context.Response.Headers["X-Late"] = "x");
            Assert.Throws<InvalidOperationException>(() => context.Response.Headers.Remove("Date"));
            Assert.Throws<InvalidOperationException>(() => context.Response.ContentLength = 3);
            Assert.Throws<InvalidOperationException>(() => context.Response.OnStarting(() => Task.CompletedTask));
            Assert.True(context.Response.Headers.IsReadOnly);
            await context.Response.WriteAsync("hello");
        });
        var connection = server.Connect(Packets.Get());
        var received = await connection.ReadToEndAsync();
        Assert.Equal("5", received["Content-Length"]);
        Assert.Single(connection.Flushes);
    }

    [Fact]
    public async Task CompleteAsync_sends_all_of_the_response_while_the_app_goes_on()
    {
        var inside = new SyncPoint();
        await using var server = new InMemoryServer(async context =>
        {
            await context.Response.WriteAsync("hello");
            await context.Response.CompleteAsync();
            await inside.MeetAsync();
            await context.Response.WriteAsync("nobody sees this");
        });
        var connection = server.Connect(Packets.Get());
        await inside.Reached;
        var first = new Received(await connection.ReadAsync(1), IsReset: false);
        Assert.Equal("hello", first.Body);
        Assert.Equal("5", first["Content-Length"]);
        inside.Continue();
        Assert.Empty((await connection.ReadToEndAsync()).Bytes);
    }

    [Fact]
    public async Task CompleteAsync_of_a_response_that_is_too_short_throws()
    {
        await using var server = new InMemoryServer(async context =>
        {
            context.Response.ContentLength = 10;
            await context.Response.WriteAsync("hello");
            await Assert.ThrowsAsync<InvalidOperationException>(context.Response.CompleteAsync);
            await context.Response.WriteAsync("world");
        });
        Assert.Equal("helloworld", (await server.AskAsync(Packets.Get())).Body);
    }

    [Fact]
    public async Task Memory_may_be_written_before_the_head_is_fixed()
    {
        var received = await AnswerAsync(async context =>
        {
            var writer = context.Response.BodyWriter;
            Write(writer, "hel");
            Assert.False(context.Response.HasStarted);
            context.Response.Headers["X-Set"] = "after the first bytes";
            Write(writer, "lo");
            await writer.FlushAsync();
            Assert.True(context.Response.HasStarted);
        });
        Assert.Equal("after the first bytes", received["X-Set"]);
        Assert.Equal("hello", received.Body);
    }

    [Fact]
    public async Task Memory_that_was_never_flushed_is_part_of_the_response()
    {
        var received = await AnswerAsync(context =>
        {
            Write(context.Response.BodyWriter, "hello");
            return Task.CompletedTask;
        });
        Assert.Equal("hello", received.Body);
        Assert.Equal("5", received["Content-Length"]);
    }

    [Theory]
    [Trait("Guards", "what the app did not write never leaves")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Memory_held_over_the_apps_first_wait_is_still_the_responses(bool isFlushed)
    {
        var inside = new SyncPoint();
        await using var server = new InMemoryServer(async context =>
        {
            var writer = context.Response.BodyWriter;
            if (isFlushed)
            {
                await context.Response.WriteAsync("first,");
            }
            else
            {
                Write(writer, "first,");
            }

            // As a copy from a stream does: the memory first, then the wait for what goes into it.
            var memory = writer.GetMemory(6);
            await inside.MeetAsync();
            "second"u8.CopyTo(memory.Span);
            writer.Advance(6);
            await writer.FlushAsync();
            Write(writer, ",third");
        });
        var connection = server.Connect(Packets.Get());
        await inside.Reached;
        if (isFlushed)
        {
            Assert.EndsWith("first,", Encoding.Latin1.GetString(await connection.ReadAsync(1)), StringComparison.Ordinal);
        }

        inside.Continue();
        Assert.EndsWith("second,third", (await connection.ReadToEndAsync()).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Memory_given_up_for_other_memory_over_the_first_wait_does_not_leave()
    {
        var inside = new SyncPoint();
        await using var server = new InMemoryServer(async context =>
        {
            await context.Response.WriteAsync("first,");
            var abandoned = context.Response.BodyWriter.GetMemory(10);
            "abandoned!"u8.CopyTo(abandoned.Span);
            await inside.MeetAsync();
            Write(context.Response.BodyWriter, "second");
            await context.Response.WriteAsync(",third");
        });
        var connection = server.Connect(Packets.Get());
        await inside.Reached;
        inside.Continue();
        Assert.Equal("first,second,third", (await connection.ReadToEndAsync()).Body);
    }

    [Fact]
    public async Task Memory_held_while_the_request_is_aborted_belongs_to_nobody_else()
    {
        var shared = false;
        await using var server = new InMemoryServer(context =>
        {
            var memory = context.Response.BodyWriter.GetMemory(4096);
            Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray<byte>(memory, out var mine));
            context.Abort();
            for (var i = 0; i < 8; i++)
            {
                shared |= ReferenceEquals(ArrayPool<byte>.Shared.Rent(mine.Array!.Length), mine.Array);
            }

            return Task.CompletedTask;
        });
        _ = await server.AskAsync(Packets.Get());
        Assert.False(shared);
    }

    [Theory]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(1_000_000)]
    public async Task A_big_write_arrives_whole(int size)
    {
        var content = Encoding.Latin1.GetString([.. Enumerable.Range(0, size).Select(i => (byte)('a' + (i % 26)))]);
        var received = await AnswerAsync(context => context.Response.WriteAsync(content));
        Assert.Equal(content, received.Body);
    }

    [Fact]
    public async Task Many_small_writes_arrive_in_order()
    {
        var received = await AnswerAsync(async context =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                await context.Response.WriteAsync($"{i},");
            }
        });
        Assert.Equal(string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{i},")), received.Body);
    }

    [Fact]
    public async Task A_slow_reader_makes_the_app_wait()
    {
        var written = 0;
        await using var server = new InMemoryServer(async context =>
        {
            for (var i = 0; i < 100; i++)
            {
                await context.Response.Body.WriteAsync(new byte[10_000]);
                Interlocked.Add(ref written, 10_000);
            }
        });
        var connection = server.Connect(Packets.Get(), maxUnreadOutput: 100_000);
        await Eventually.TrueAsync(() => connection.Flushed >= 100_000);
        await Task.WhenAny(connection.Execution, Task.Delay(50));
        Assert.InRange(Volatile.Read(ref written), 0, 200_000);
        Assert.Equal(1_000_000, (await connection.ReadToEndAsync()).Body.Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_slow_reader_that_leaves_lets_the_app_go(bool byPeer)
    {
        HttpContext? seen = null;
        await using var server = new InMemoryServer(async context =>
        {
            seen = context;
            bool isLast;
            do
            {
                // Once more when it has been told: the end may come between two writes.
                isLast = context.RequestAborted.IsCancellationRequested;
                await context.Response.Body.WriteAsync(new byte[10_000]);
            }
            while (!isLast);
        });
        var connection = server.Connect(Packets.Get(), maxUnreadOutput: 100_000);
        await Eventually.TrueAsync(() => connection.Flushed >= 100_000);
        if (byPeer)
        {
            connection.Reset();
        }
        else
        {
            seen!.Abort();
            _ = await Task.WhenAny(connection.ReadToEndAsync(), connection.Execution);
        }

        await connection.Execution.Within();
        Assert.Equal([byPeer ? "PeerGone" : "AppAborted"], server.Ends);
    }

    [Fact]
    public async Task A_write_that_is_cancelled_while_it_waits_resets_the_connection()
    {
        using var source = new CancellationTokenSource();
        await using var server = new InMemoryServer(async context =>
        {
            while (true)
            {
                await context.Response.Body.WriteAsync(new byte[10_000], source.Token);
            }
        });
        server.Logs.Expect("ApplicationError");
        var connection = server.Connect(Packets.Get(), maxUnreadOutput: 100_000);
        await Eventually.TrueAsync(() => connection.Flushed >= 100_000);
        await source.CancelAsync();
        await connection.Execution.Within();
        Assert.True(connection.IsAborted);
        Assert.Equal(["WriteCanceled"], server.Ends);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_write_or_a_flush_that_is_cancelled_before_it_begins_writes_nothing_and_the_app_may_still_answer(bool hasWaited)
    {
        var cancelled = new CancellationToken(canceled: true);
        await using var server = new InMemoryServer(async context =>
        {
            if (hasWaited)
            {
                await context.Response.WriteAsync("first ");
                await Task.Yield();
            }

            var bytes = "never"u8.ToArray();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await context.Response.Body.WriteAsync(bytes, cancelled));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await context.Response.BodyWriter.WriteAsync(bytes, cancelled));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => context.Response.Body.FlushAsync(cancelled));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await context.Response.BodyWriter.FlushAsync(cancelled));
            Assert.Equal(hasWaited, context.Response.HasStarted);
            Assert.False(context.RequestAborted.IsCancellationRequested);
            await context.Response.WriteAsync("the answer");
        });
        var connection = server.Connect(Packets.Get());
        var received = await connection.ReadToEndAsync();
        Assert.Equal(hasWaited ? "first the answer" : "the answer", received.Body);
        Assert.False(received.IsReset);
        await connection.Execution.Within();
        Assert.Equal(["Completed"], server.Ends);
    }

    [Fact]
    public async Task A_flush_that_is_cancelled_while_it_waits_for_another_one_ends()
    {
        using var source = new CancellationTokenSource();
        var inside = new SyncPoint();
        await using var server = new InMemoryServer(async context =>
        {
            await context.Response.Body.FlushAsync();
            await inside.MeetAsync();
            var first = context.Response.Body.WriteAsync(new byte[10_000], CancellationToken.None).AsTask();
            var second = context.Response.Body.WriteAsync("more"u8.ToArray(), source.Token).AsTask();
            Assert.False(first.IsCompleted || second.IsCompleted);
            await source.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.Within());
        });
        var connection = server.Connect(Packets.Get(), maxUnreadOutput: 1000);
        await inside.Reached;
        await Eventually.TrueAsync(() => connection.Flushed > 0);
        inside.Continue();
        await connection.Execution.Within();
        Assert.True((await connection.ReadToEndAsync()).IsReset);
        Assert.Equal(["WriteCanceled"], server.Ends);
    }

    [Fact]
    public async Task Synchronous_writes_need_the_option()
    {
        var received = await AnswerAsync(async context =>
        {
            Assert.Throws<InvalidOperationException>(() => context.Response.Body.Write("no"u8));
            Assert.Throws<InvalidOperationException>(() => context.Response.Body.Flush());
            Assert.Throws<InvalidOperationException>(() => context.Request.Body.Read(new byte[1], 0, 1));
            context.Features.Get<IHttpBodyControlFeature>()!.AllowSynchronousIO = true;
            var buffer = new byte[10];
            var count = context.Request.Body.Read(buffer, 0, 10);
            context.Response.Body.Write(buffer, 0, count);
            context.Response.Body.Flush();
            await Task.Yield();
            context.Response.Body.WriteByte((byte)'!');
        }, request: Packets.Post("body"));
        Assert.Equal("body!", received.Body);
    }

    [Fact]
    public async Task A_server_may_allow_synchronous_io_for_all_requests()
    {
        await using var server = new InMemoryServer(context =>
        {
            context.Response.Body.Write("yes"u8);
            return Task.CompletedTask;
        });
        server.Kestrel.AllowSynchronousIO = true;
        Assert.Equal("yes", (await server.AskAsync(Packets.Get())).Body);
    }

    [Fact]
    public async Task A_middleware_may_put_a_stream_of_its_own_in_the_bodys_place()
    {
        var received = await AnswerAsync(async context =>
        {
            var original = context.Response.Body;
            using var memory = new MemoryStream();
            context.Response.Body = memory;
            await context.Response.WriteAsync("shout");
            context.Response.Body = original;
            await context.Response.WriteAsync(Encoding.UTF8.GetString(memory.ToArray()).ToUpperInvariant());
        });
        Assert.Equal("SHOUT", received.Body);
    }

    [Fact]
    public async Task Completing_the_writer_ends_nothing_but_the_writer()
    {
        var received = await AnswerAsync(async context =>
        {
            await context.Response.BodyWriter.WriteAsync("hello"u8.ToArray());
            await context.Response.BodyWriter.CompleteAsync();
        });
        Assert.Equal("hello", received.Body);
    }

    private static void Write(IBufferWriter<byte> writer, string text) => writer.Write(Encoding.UTF8.GetBytes(text));

    private static async Task<Received> AnswerAsync(RequestDelegate app, string method = "GET", byte[]? request = null)
    {
        await using var server = new InMemoryServer(app);
        return await server.AskAsync(request ?? Packets.Request(method, "/"));
    }
}
