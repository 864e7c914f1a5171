using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.FastCgi;

/// <summary>One request after the other on a connection, whatever the pieces they come in, and wherever they are cut.</summary>
public class FastCgiExchangeTests
{
    private const string Hello = "Status: 200 OK\r\nContent-Length: 5\r\nDate: Fri, 02 Jan 2026 03:05:05 GMT\r\n\r\nhello";

    [Fact]
    public async Task A_request_is_the_same_however_its_bytes_are_split()
    {
        await using var server = FastCgiServer.Create(EchoAsync);
        var request = FastCgiPackets.Post(1, "the body");
        for (var at = 0; at <= request.Length; at++)
        {
            var peer = server.Open(request[..at]);
            await peer.SendAsync(request[at..]);
            Assert.Equal("POST /: the body", (await peer.AnswerAsync(1)).Body);
            await peer.CloseAsync();
        }
    }

    [Fact]
    public async Task A_request_is_the_same_when_a_byte_comes_at_a_time()
    {
        await using var server = FastCgiServer.Create(EchoAsync);
        var peer = server.Open();
        foreach (var b in FastCgiPackets.Post(1, "the body"))
        {
            await peer.SendAsync([b]);
            await Task.Yield();
        }

        Assert.Equal("POST /: the body", (await peer.AnswerAsync(1)).Body);
        await peer.CloseAsync();
    }

    [Fact]
    public async Task An_id_may_be_used_again_as_soon_as_its_request_has_its_end_whatever_the_app_still_does()
    {
        var inside = new SyncPoint();
        await using var server = FastCgiServer.Create(context =>
        {
            if (context.Request.Path == "/first")
            {
                context.Response.OnCompleted(inside.MeetAsync);
            }

            return context.Response.WriteAsync($"{context.Request.Path}");
        }, options => options.Limits.MaxFastCgiRequestsPerConnection = 1);
        var peer = server.Open(FastCgiPackets.Get(1, "/first"));
        Assert.Equal("/first", (await peer.AnswerAsync(1)).Body);
        await inside.Reached;
        Assert.Equal("/second", (await peer.AskAsync(1, FastCgiPackets.Get(1, "/second"))).Body);
        await peer.SendAsync(FastCgiPackets.Abort());
        inside.Continue();
        Assert.Equal("/third", (await peer.AskAsync(1, FastCgiPackets.Get(1, "/third"))).Body);
        await peer.CloseAsync();
        Assert.Empty(peer.Records);
    }

    [Fact]
    public async Task A_body_may_be_read_behind_the_answer_until_its_id_is_used_again()
    {
        var answered = new SyncPoint();
        var read = new TaskCompletionSource<string>();
        var failed = new TaskCompletionSource<Exception>();
        await using var server = FastCgiServer.Create(async context =>
        {
            if (context.Request.Path == "/next")
            {
                return;
            }

            await context.Response.CompleteAsync();
            var buffer = new byte[3];
            await context.Request.Body.ReadExactlyAsync(buffer);
            read.SetResult(Encoding.Latin1.GetString(buffer));
            try
            {
                await context.Request.Body.ReadExactlyAsync(buffer);
            }
            catch (Exception e)
            {
                failed.SetResult(e);
            }
        });
        var peer = server.Open(FastCgiPackets.PostHead(1, 10));
        Assert.Equal(200, (await peer.AnswerAsync(1)).Status);
        await peer.SendAsync(FastCgiPackets.Stdin(1, "abc"));
        Assert.Equal("abc", await read.Task.Within());
        Assert.Equal(200, (await peer.AskAsync(1, FastCgiPackets.Get(1, "/next"))).Status);
        Assert.IsType<Microsoft.AspNetCore.Http.BadHttpRequestException>(await failed.Task.Within());
        await peer.CloseAsync();
        Assert.Empty(peer.Records);
    }

    [Fact]
    [Trait("Guards", "nothing of one request reaches the next on its connection")]
    public async Task Nothing_of_one_request_is_seen_by_the_next()
    {
        await using var server = FastCgiServer.Create(async context =>
        {
            var variables = context.Features.Get<IServerVariablesFeature>()!;
            var body = await new StreamReader(context.Request.Body, Encoding.Latin1).ReadToEndAsync();
            var seen = string.Join(
                "|",
                variables["REMOTE_USER"],
                context.Request.Headers.Cookie,
                context.Request.Headers.Authorization,
                context.Request.QueryString,
                context.Request.ContentType,
                context.Request.ContentLength,
                context.Items.Count,
                context.Features.Get<string>(),
                body);
            context.Items["left"] = "left";
            context.Features.Set("left");
            context.Response.Headers["X-Seen"] = seen;
        });
        var peer = server.Open();
        var first = await peer.AskAsync(1, WireBytes.Concat(
            FastCgiPackets.Head(
                1, "POST", "/?q=1", true,
                ("REMOTE_USER", "root"), ("HTTP_COOKIE", "a=b"), ("HTTP_AUTHORIZATION", "Basic x"), ("CONTENT_TYPE", "text/plain"), ("CONTENT_LENGTH", "4")),
            FastCgiPackets.Stdin(1, "body"),
            FastCgiPackets.StdinEnd()));
        Assert.Equal("root|a=b|Basic x|?q=1|text/plain|4|0||body", first.Response["X-Seen"]);
        for (var id = 1; id < 4; id++)
        {
            var next = await peer.AskAsync(id, FastCgiPackets.Get(id));
            Assert.Equal("||||||0||", next.Response["X-Seen"]);
        }

        await peer.CloseAsync();
    }

    [Fact]
    public async Task Requests_of_a_connection_are_numbered()
    {
        await using var server = FastCgiServer.Create(context => context.Response.WriteAsync(context.TraceIdentifier));
        var peer = server.Open();
        Assert.Equal("C1:00000001", (await peer.AskAsync(7, FastCgiPackets.Get(7))).Body);
        Assert.Equal("C1:00000002", (await peer.AskAsync(7, FastCgiPackets.Get(7))).Body);
        Assert.Equal("C1:00000003", (await peer.AskAsync(65535, FastCgiPackets.Get(65535))).Body);
        await peer.CloseAsync();
    }

    [Fact]
    public async Task The_end_does_not_leave_before_content_that_was_written_while_an_earlier_flush_waited()
    {
        var waiting = new SyncPoint();
        var ending = new SyncPoint();
        await using var server = FastCgiServer.Create(async context =>
        {
            // Held back, then more than two turns when the app waits: they stay behind a peer that does not read.
            await context.Response.WriteAsync(new string('a', 60_000));
            await context.Response.Body.FlushAsync();
            await waiting.MeetAsync();
            context.Response.BodyWriter.GetMemory(100).Span[..100].Fill((byte)'z');
            context.Response.BodyWriter.Advance(100);
            _ = context.Response.BodyWriter.FlushAsync();
            context.Response.BodyWriter.GetMemory(100).Span[..100].Fill((byte)'z');
            context.Response.BodyWriter.Advance(100);
            var completing = context.Response.CompleteAsync();
            Assert.False(completing.IsCompleted);
            await ending.MeetAsync();
            await completing;
        });
        var peer = new FastCgiPeer(server.Connect(FastCgiPackets.Get(), maxUnreadOutput: 1000));
        await waiting.Reached;
        await Eventually.TrueAsync(() => peer.Connection.Flushed > 0);
        waiting.Continue();
        await ending.Reached;
        ending.Continue();
        var answer = await peer.AnswerAsync(1);
        Assert.Equal(new string('a', 60_000) + new string('z', 200), answer.Body);
        Assert.True(answer.IsComplete);
        await peer.CloseAsync();
        Assert.Empty(peer.Records);
    }

    private static async Task EchoAsync(HttpContext context)
    {
        var body = await new StreamReader(context.Request.Body, Encoding.Latin1).ReadToEndAsync();
        await context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path}: {body}");
    }
}
