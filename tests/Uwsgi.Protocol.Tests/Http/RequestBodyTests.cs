using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Uwsgi.Protocol.Tests.Http;

/// <summary>The body of a request, as a pipe and as a stream: exactly as many bytes as were announced.</summary>
public class RequestBodyTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("x", "x")]
    [InlineData("hello", "hello")]
    public async Task A_body_is_what_was_sent(string body, string expected)
    {
        await using var server = new InMemoryServer(EchoAsync);
        Assert.Equal(expected, (await server.AskAsync(Packets.Post(body))).Body);
    }

    [Fact]
    public async Task A_reset_in_the_body_is_a_bad_request_to_the_app()
    {
        var inside = new SyncPoint();
        Exception? seen = null;
        await using var server = new InMemoryServer(async context =>
        {
            _ = await context.Request.Body.ReadAsync(new byte[5]);
            await inside.MeetAsync();
            _ = await context.Request.Body.ReadAsync(new byte[5]);
        });
        server.Application.Disposed = (_, exception) => seen = exception;
        var connection = server.Connect([.. Packets.PostHead(10), .. "hello"u8]);
        await inside.Reached;
        connection.Reset();
        inside.Continue();
        await connection.Execution.Within();
        Assert.IsType<BadHttpRequestException>(seen);
    }

    [Theory]
    [Trait("Guards", "a body's limit")]
    [InlineData(99, 200)]
    [InlineData(100, 200)]
    [InlineData(101, 413)]
    public async Task A_body_larger_than_the_limit_is_413(int size, int status)
    {
        await using var server = new InMemoryServer(EchoAsync, options => options.Limits.MaxRequestBodySize = 100);
        Assert.Equal(status, (await server.AskAndCloseAsync(Packets.Post(new string('b', size)))).Status);
    }

    [Fact]
    [Trait("Guards", "a body's limit")]
    public async Task A_body_that_is_too_large_is_refused_before_it_has_come()
    {
        await using var server = new InMemoryServer(EchoAsync);
        Assert.Equal(413, (await server.AskAndCloseAsync(Packets.PostHead(30_000_001))).Status);
    }

    [Fact]
    public async Task Kestrels_limit_of_a_body_holds_where_ours_is_not_set()
    {
        await using var server = new InMemoryServer(EchoAsync);
        server.Kestrel.Limits.MaxRequestBodySize = 10;
        Assert.Equal(413, (await server.AskAndCloseAsync(Packets.PostHead(11))).Status);
    }

    [Theory]
    [InlineData(20L, 200)]
    [InlineData(null, 200)]
    [InlineData(4L, 413)]
    public async Task A_request_may_change_its_limit_until_it_reads(long? limit, int status)
    {
        await using var server = new InMemoryServer(
            async context =>
            {
                var feature = context.Features.Get<IHttpMaxRequestBodySizeFeature>()!;
                Assert.False(feature.IsReadOnly);
                Assert.Equal(10, feature.MaxRequestBodySize);
                feature.MaxRequestBodySize = limit;
                await EchoAsync(context);
                Assert.True(feature.IsReadOnly);
                Assert.Throws<InvalidOperationException>(() => feature.MaxRequestBodySize = 1);
            },
            options => options.Limits.MaxRequestBodySize = 10);
        Assert.Equal(status, (await server.AskAndCloseAsync(Packets.Post("fifteen letters"))).Status);
    }

    [Fact]
    public async Task Looking_without_taking_waits_for_more()
    {
        var looked = new SyncPoint();
        await using var server = new InMemoryServer(async context =>
        {
            var reader = context.Request.BodyReader;
            var result = await reader.ReadAsync();
            Assert.Equal("hel", Text(result.Buffer));
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            Assert.False(reader.TryRead(out _));
            var pending = reader.ReadAsync();
            Assert.False(pending.IsCompleted);
            await looked.MeetAsync();
            result = await pending;
            Assert.Equal("hello", Text(result.Buffer));
            Assert.True(result.IsCompleted);
            reader.AdvanceTo(result.Buffer.GetPosition(2));
            Assert.True(reader.TryRead(out result));
            Assert.Equal("llo", Text(result.Buffer));
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            result = await reader.ReadAsync();
            Assert.Equal("llo", Text(result.Buffer));
            Assert.True(result.IsCompleted);
            reader.AdvanceTo(result.Buffer.End);
            result = await reader.ReadAsync();
            Assert.True(result.IsCompleted && result.Buffer.IsEmpty);
            reader.AdvanceTo(result.Buffer.End);
        });
        var connection = server.Connect([.. Packets.PostHead(5), .. "hel"u8]);
        await looked.Reached;
        looked.Continue();
        await connection.SendAsync("lo"u8.ToArray());
        Assert.Equal(200, (await connection.ReadToEndAsync()).Status);
    }

    [Fact]
    public async Task A_body_may_be_taken_a_byte_at_a_time()
    {
        await using var server = new InMemoryServer(async context =>
        {
            var reader = context.Request.BodyReader;
            while (true)
            {
                var result = await reader.ReadAsync();
                if (result.Buffer.IsEmpty && result.IsCompleted)
                {
                    return;
                }

                await context.Response.WriteAsync(Text(result.Buffer.Slice(0, 1)) + ".");
                reader.AdvanceTo(result.Buffer.GetPosition(1));
            }
        });
        Assert.Equal("h.e.l.l.o.", (await server.AskAsync(Packets.Post("hello"))).Body);
    }

    [Fact]
    public async Task A_pending_read_may_be_cancelled_and_the_next_one_goes_on()
    {
        var waiting = new SyncPoint();
        await using var server = new InMemoryServer(async context =>
        {
            var reader = context.Request.BodyReader;
            var pending = reader.ReadAsync();
            reader.CancelPendingRead();
            var result = await pending;
            Assert.True(result.IsCanceled);
            Assert.False(result.IsCompleted);
            reader.AdvanceTo(result.Buffer.End);
            await waiting.MeetAsync();
            result = await reader.ReadAtLeastAsync(5);
            Assert.Equal("hello", Text(result.Buffer));
            Assert.False(result.IsCanceled);
            reader.AdvanceTo(result.Buffer.End);
        });
        var connection = server.Connect(Packets.PostHead(5));
        await waiting.Reached;
        waiting.Continue();
        await connection.SendAsync("hello"u8.ToArray());
        Assert.Equal(200, (await connection.ReadToEndAsync()).Status);
    }

    [Fact]
    public async Task A_cancelled_wait_for_the_head_does_not_reach_the_app()
    {
        var inside = new SyncPoint();
        await using var server = new InMemoryServer(async context =>
        {
            await inside.MeetAsync();
            await EchoAsync(context);
        });
        var connection = server.Connect([.. Packets.PostHead(5), .. "he"u8]);
        await inside.Reached;

        // As a stop of the server does that comes in the same moment as the head.
        connection.Transport.Input.CancelPendingRead();
        inside.Continue();
        await connection.SendAsync("llo"u8.ToArray());
        Assert.Equal("hello", (await connection.ReadToEndAsync()).Body);
    }

    [Fact]
    public async Task A_read_may_be_cancelled_by_a_token()
    {
        await using var server = new InMemoryServer(async context =>
        {
            using var source = new CancellationTokenSource();
            var pending = context.Request.Body.ReadAsync(new byte[5], source.Token);
            await source.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await pending);
        });
        var connection = server.Connect(Packets.PostHead(5));
        await server.LetTimePassUntilEndOf(connection);
        Assert.Equal(200, (await connection.ReadToEndAsync()).Status);
    }

    [Fact]
    public async Task After_complete_the_app_reads_no_more()
    {
        await using var server = new InMemoryServer(async context =>
        {
            await context.Request.BodyReader.CompleteAsync();
            await Assert.ThrowsAnyAsync<InvalidOperationException>(async () => await context.Request.BodyReader.ReadAsync());
        });
        Assert.Equal(200, (await server.AskAndCloseAsync(Packets.Post("hello"))).Status);
    }

    [Fact]
    public async Task Pipe_and_stream_read_the_same_body()
    {
        await using var server = new InMemoryServer(async context =>
        {
            var buffer = new byte[2];
            await context.Request.Body.ReadExactlyAsync(buffer);
            var result = await context.Request.BodyReader.ReadAtLeastAsync(3);
            await context.Response.WriteAsync(Encoding.ASCII.GetString(buffer) + "|" + Text(result.Buffer));
            context.Request.BodyReader.AdvanceTo(result.Buffer.End);
        });
        Assert.Equal("he|llo", (await server.AskAsync(Packets.Post("hello"))).Body);
    }

    [Fact]
    public async Task A_stream_put_in_the_bodys_place_is_what_the_reader_reads()
    {
        await using var server = new InMemoryServer(async context =>
        {
            var own = context.Request.Body;
            context.Request.Body = new MemoryStream("replaced"u8.ToArray());
            var reader = context.Request.BodyReader;
            Assert.Same(reader, context.Request.BodyReader);
            var result = await reader.ReadAsync();
            await context.Response.WriteAsync(Text(result.Buffer) + "|");
            reader.AdvanceTo(result.Buffer.End);
            context.Request.Body = own;
            result = await context.Request.BodyReader.ReadAsync();
            await context.Response.WriteAsync(Text(result.Buffer));
            context.Request.BodyReader.AdvanceTo(result.Buffer.End);
        });
        Assert.Equal("replaced|hello", (await server.AskAsync(Packets.Post("hello"))).Body);
    }

    [Fact]
    public async Task Two_reads_at_a_time_are_refused()
    {
        var inside = new SyncPoint();
        await using var server = new InMemoryServer(async context =>
        {
            var pending = context.Request.BodyReader.ReadAsync();
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await context.Request.BodyReader.ReadAsync());
            context.Request.BodyReader.CancelPendingRead();
            context.Request.BodyReader.AdvanceTo((await pending).Buffer.End);
            await inside.MeetAsync();
        });
        var connection = server.Connect(Packets.PostHead(5));
        await inside.Reached;
        await connection.SendAsync("hello"u8.ToArray());
        inside.Continue();
        Assert.Equal(200, (await connection.ReadToEndAsync()).Status);
    }

    [PipesFact(PipesOnly.Drain)]
    public async Task A_body_of_which_the_app_took_a_part_is_taken_off_before_the_answer()
    {
        await using var server = new InMemoryServer(async context =>
        {
            var result = await context.Request.BodyReader.ReadAsync();
            context.Request.BodyReader.AdvanceTo(result.Buffer.GetPosition(1), result.Buffer.End);
        });
        var connection = server.Connect([.. Packets.PostHead(10), .. "hello"u8]);
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        Assert.Empty(connection.Flushes);
        await connection.SendAsync("world"u8.ToArray());
        Assert.Equal(200, (await connection.ReadToEndAsync()).Status);
    }

    [Fact]
    public async Task A_body_in_chunks_has_no_length_and_no_coding_to_the_app()
    {
        await using var server = new InMemoryServer(context => context.Response.WriteAsync(
            $"{context.Features.Get<IHttpRequestBodyDetectionFeature>()!.CanHaveBody} {context.Request.ContentLength} {context.Request.Headers.TransferEncoding}."));
        Assert.Equal("True  .", (await server.AskAsync(Packets.Chunked("0\r\n\r\n"))).Body);
    }

    [Fact]
    [Trait("Guards", "one length of a body, never two")]
    public async Task Where_there_is_a_length_a_transfer_coding_is_inert()
    {
        await using var server = new InMemoryServer(EchoAsync);
        var request = (byte[])[.. Packets.PostHead(5, ("HTTP_TRANSFER_ENCODING", "chunked")), .. "0\r\n\r\n"u8];
        Assert.Equal("0\r\n\r\n", (await server.AskAsync(request)).Body);
        request = [.. Packets.Request("POST", "/", ("CONTENT_LENGTH", ""), ("HTTP_TRANSFER_ENCODING", "chunked")), .. "5\r\nhello\r\n0\r\n\r\n"u8];
        Assert.Equal("", (await server.AskAndCloseAsync(request)).Body);
    }

    [Theory]
    [InlineData("x\r\nhello\r\n0\r\n\r\n")]
    [InlineData("-5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("5\r\nhelloX\r\n0\r\n\r\n")]
    [InlineData("\r\n")]
    [InlineData("5\r\nhel")]
    [InlineData("FFFFFFFFFFFFFFFF\r\nhello")]
    public async Task Malformed_chunks_are_a_bad_request(string chunks)
    {
        await using var server = new InMemoryServer(EchoAsync);
        Assert.Equal(400, (await server.AskAndCloseAsync(Packets.Chunked(chunks))).Status);
        Assert.Single(server.Logs.Of("BadRequest"));
    }

    [Fact]
    public async Task Malformed_chunks_that_nobody_reads_are_the_peers_fault_and_not_an_error()
    {
        var disposed = 0;
        await using var server = new InMemoryServer(static _ => Task.CompletedTask);
        server.Application.Disposed = (_, _) => disposed++;
        Assert.Equal(200, (await server.AskAndCloseAsync(Packets.Chunked("nonsense\r\n"))).Status);
        Assert.Equal(1, disposed);
    }

    [Fact]
    public async Task Malformed_chunks_behind_what_the_app_has_read_are_not_an_error()
    {
        await using var server = new InMemoryServer(async context =>
        {
            var result = await context.Request.BodyReader.ReadAsync();
            context.Request.BodyReader.AdvanceTo(result.Buffer.End);
            await context.Response.WriteAsync("enough");
            await Task.Yield();
        });
        var connection = server.Connect(Packets.Chunked("5\r\nhello\r\n"));
        await connection.ReadAsync(1);
        await connection.SendAsync("nonsense\r\n"u8.ToArray());
        connection.EndInput();
        _ = await connection.ReadToEndAsync();
        await connection.Execution.Within();
    }

    [Theory]
    [Trait("Guards", "a body's limit")]
    [InlineData(99, 200)]
    [InlineData(100, 200)]
    [InlineData(101, 413)]
    public async Task Chunks_larger_than_the_limit_are_413(int size, int status)
    {
        await using var server = new InMemoryServer(EchoAsync, options => options.Limits.MaxRequestBodySize = 100);
        var chunks = $"1\r\nb\r\n{size - 1:x}\r\n{new string('b', size - 1)}\r\n0\r\n\r\n";
        Assert.Equal(status, (await server.AskAndCloseAsync(Packets.Chunked(chunks))).Status);
    }

    [Fact]
    public async Task Chunks_may_be_looked_at_without_taking_them()
    {
        var looked = new SyncPoint();
        await using var server = new InMemoryServer(async context =>
        {
            var reader = context.Request.BodyReader;
            var result = await reader.ReadAsync();
            Assert.Equal("hel", Text(result.Buffer));
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            await looked.MeetAsync();
            result = await reader.ReadAsync();
            Assert.Equal("hello", Text(result.Buffer));
            reader.AdvanceTo(result.Buffer.GetPosition(4));
            result = await reader.ReadAsync();
            Assert.Equal("o", Text(result.Buffer));
            reader.AdvanceTo(result.Buffer.End);
            while (!result.IsCompleted)
            {
                result = await reader.ReadAsync();
                Assert.True(result.Buffer.IsEmpty);
                reader.AdvanceTo(result.Buffer.End);
            }
        });
        var connection = server.Connect(Packets.Chunked("3\r\nhel\r\n"));
        await looked.Reached;
        looked.Continue();
        await connection.SendAsync("2\r\nlo\r\n0\r\n\r\n"u8.ToArray());
        Assert.Equal(200, (await connection.ReadToEndAsync()).Status);
    }

    [Fact]
    public async Task A_form_is_read()
    {
        await using var server = new InMemoryServer(async context =>
        {
            var form = await context.Request.ReadFormAsync();
            await context.Response.WriteAsync($"{form["a"]} {form["b"]}");
        });
        var request = Packets.Post("a=1&b=two%20words", ("CONTENT_TYPE", "application/x-www-form-urlencoded"));
        Assert.Equal("1 two words", (await server.AskAsync(request)).Body);
    }

    [Fact]
    public async Task A_large_body_streams_through()
    {
        await using var server = new InMemoryServer(context => context.Request.Body.CopyToAsync(context.Response.Body));
        var body = Encoding.Latin1.GetString([.. Enumerable.Range(0, 3_000_000).Select(i => (byte)('a' + (i % 26)))]);
        var connection = server.Connect(Packets.PostHead(body.Length), maxUnreadOutput: 50_000);
        var reading = connection.ReadToEndAsync();
        var bytes = Encoding.Latin1.GetBytes(body);
        for (var i = 0; i < bytes.Length; i += 10_007)
        {
            await connection.SendAsync(bytes.AsMemory(i, Math.Min(10_007, bytes.Length - i)));
        }

        Assert.Equal(body, (await reading).Body);
    }

    [Theory]
    [Trait("Guards", "a body's limit")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_is_too_large_is_so_at_every_read(bool isChunked)
    {
        await using var server = new InMemoryServer(
            async context =>
            {
                for (var i = 0; i < 3; i++)
                {
                    var byStream = await Assert.ThrowsAsync<BadHttpRequestException>(
                        async () => await context.Request.Body.ReadExactlyAsync(new byte[200]));
                    Assert.Equal(413, byStream.StatusCode);
                    var byPipe = await Assert.ThrowsAsync<BadHttpRequestException>(async () => await context.Request.BodyReader.ReadAsync());
                    Assert.Equal(413, byPipe.StatusCode);
                    Assert.Equal(413, Assert.Throws<BadHttpRequestException>(() => context.Request.BodyReader.TryRead(out _)).StatusCode);
                }

                await context.Response.WriteAsync("refused");
            },
            options => options.Limits.MaxRequestBodySize = 100);
        var connection = server.Connect(isChunked ? Packets.Chunked($"1\r\nb\r\n64\r\n{new string('b', 100)}\r\n") : Packets.PostHead(101));
        await server.LetTimePassUntilEndOf(connection);
        Assert.Equal("refused", (await connection.ReadToEndAsync()).Body);
    }

    [Theory]
    [InlineData("5\r\nhello\r\nnonsense\r\n")]
    [InlineData("nonsense\r\n")]
    public async Task After_malformed_chunks_every_read_fails(string chunks)
    {
        await using var server = new InMemoryServer(async context =>
        {
            var reader = context.Request.BodyReader;
            Assert.Equal(400, Assert.Throws<BadHttpRequestException>(() => reader.TryRead(out _)).StatusCode);
            Assert.Equal(400, Assert.Throws<BadHttpRequestException>(() => reader.TryRead(out _)).StatusCode);
            Assert.Equal(400, (await Assert.ThrowsAsync<BadHttpRequestException>(async () => await reader.ReadAsync())).StatusCode);
            await Assert.ThrowsAsync<BadHttpRequestException>(() => context.Request.Body.CopyToAsync(Stream.Null));
            await context.Response.WriteAsync("refused");
        });

        // The peer does not close: there is nothing more to wait for.
        var connection = server.Connect(Packets.Chunked(chunks));
        Assert.Equal("refused", Encoding.ASCII.GetString(await connection.ReadAsync(1))[^7..]);
        await server.LetTimePassUntilEndOf(connection);
        Assert.Equal(["Completed"], server.Ends);
    }

    [Fact]
    public async Task After_a_body_cut_short_every_read_fails()
    {
        await using var server = new InMemoryServer(async context =>
        {
            for (var i = 0; i < 3; i++)
            {
                await Assert.ThrowsAsync<BadHttpRequestException>(() => context.Request.Body.CopyToAsync(Stream.Null));
            }

            await context.Response.WriteAsync("refused");
        });
        Assert.Equal("refused", (await server.AskAndCloseAsync([.. Packets.PostHead(10), .. "hello"u8])).Body);
        Assert.Equal("refused", (await server.AskAndCloseAsync(Packets.Chunked("A\r\nhello"))).Body);
    }

    [Theory]
    [InlineData("stream")]
    [InlineData("reader to stream")]
    [InlineData("reader to writer")]
    public async Task A_last_chunk_that_comes_by_itself_ends_the_body(string way)
    {
        var copied = new MemoryStream();
        await using var server = new InMemoryServer(async context =>
        {
            await (way switch
            {
                "stream" => context.Request.Body.CopyToAsync(copied),
                "reader to stream" => context.Request.BodyReader.CopyToAsync(copied),
                _ => context.Request.BodyReader.CopyToAsync(PipeWriter.Create(copied, new StreamPipeWriterOptions(leaveOpen: true))),
            });
            await context.Response.WriteAsync("all");
        });
        var connection = server.Connect(Packets.Chunked("5\r\nhello\r\n"));
        await Eventually.TrueAsync(() => copied.Length == 5);
        await connection.SendAsync("5\r\nworld\r\n"u8.ToArray());
        await Eventually.TrueAsync(() => copied.Length == 10);
        await connection.SendAsync("0\r\n\r\n"u8.ToArray());
        Assert.Equal("all", (await connection.ReadToEndAsync()).Body);
        Assert.Equal("helloworld", Encoding.ASCII.GetString(copied.ToArray()));
    }

    [Fact]
    public async Task A_cancelled_wait_for_the_head_is_no_cancelled_look_at_the_body()
    {
        var inside = new SyncPoint();
        await using var server = new InMemoryServer(async context =>
        {
            await inside.MeetAsync();
            Assert.True(context.Request.BodyReader.TryRead(out var result));
            Assert.False(result.IsCanceled);
            Assert.Equal("hello", Text(result.Buffer));
            context.Request.BodyReader.AdvanceTo(result.Buffer.End);
        });
        var connection = server.Connect(Packets.Post("hello"));
        await inside.Reached;
        connection.Transport.Input.CancelPendingRead();
        inside.Continue();
        Assert.Equal(200, (await connection.ReadToEndAsync()).Status);
    }

    private static string Text(in ReadOnlySequence<byte> bytes) => Encoding.Latin1.GetString(bytes);

    private static async Task EchoAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.Latin1);
        await context.Response.WriteAsync(await reader.ReadToEndAsync());
    }
}
