using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.FastCgi;

/// <summary>A body: its stream has an end of its own, and its length is a hint.</summary>
public class FastCgiBodyTests
{
    [Fact]
    public async Task A_body_that_was_not_announced_is_not_kept()
    {
        var inside = new SyncPoint();
        await using var server = FastCgiServer.Create(async context =>
        {
            if (context.Request.Path == "/wait")
            {
                await inside.MeetAsync();
            }
        });
        var peer = server.Open(FastCgiPackets.Head(1, "GET", "/wait"));
        for (var i = 0; i < 100; i++)
        {
            await peer.SendAsync(FastCgiPackets.Stdin(1, new string('x', 65_000)));
        }

        Assert.Equal(200, (await peer.AskAsync(2, FastCgiPackets.Get(2))).Status);
        inside.Continue();
        Assert.Equal(200, (await peer.AnswerAsync(1)).Status);
        await peer.CloseAsync();
    }

    [Theory]
    [InlineData("10")]
    [InlineData("-1")]
    public async Task An_end_of_the_connection_in_a_body_is_an_error_and_never_a_short_body(string length)
    {
        Exception? error = null;
        await using var server = FastCgiServer.Create(async context =>
        {
            try
            {
                await context.Request.Body.CopyToAsync(Stream.Null);
            }
            catch (Exception e)
            {
                error = e;
            }
        });
        var peer = server.Open(FastCgiPackets.Head(1, "POST", "/", true, ("CONTENT_LENGTH", length)), FastCgiPackets.Stdin(1, "hal"));
        await peer.CloseAsync();
        Assert.Equal(400, Assert.IsType<Microsoft.AspNetCore.Http.BadHttpRequestException>(error).StatusCode);
    }

    [Theory]
    [InlineData("11")]
    [InlineData("-1")]
    public async Task A_body_larger_than_the_limit_is_413(string length)
    {
        await using var server = FastCgiServer.Create(EchoAsync, options => options.Limits.MaxRequestBodySize = 10);
        var peer = server.Open();
        var answer = await peer.AskAsync(1, WireBytes.Concat(
            FastCgiPackets.Head(1, "POST", "/", true, ("CONTENT_LENGTH", length)), FastCgiPackets.Stdin(1, "hello world"), FastCgiPackets.StdinEnd()));
        Assert.Equal(413, answer.Status);
        await peer.CloseAsync();
    }

    [Theory]
    [InlineData("1000000")]
    [InlineData("-1")]
    [Trait("Guards", "slow peers")]
    public async Task A_body_that_comes_too_slowly_is_408(string length)
    {
        await using var server = FastCgiServer.Create(EchoAsync);
        var peer = server.Open(FastCgiPackets.Head(1, "POST", "/", false, ("CONTENT_LENGTH", length)), FastCgiPackets.Stdin(1, "slow"));
        await server.LetTimePassUntilEndOf(peer.Connection);
        Assert.False(await peer.ReadToEndAsync());
        Assert.Equal(408, (await peer.AnswerAsync(1)).Status);
    }

    [Fact]
    public async Task A_large_body_passes_through_the_bound()
    {
        await using var server = FastCgiServer.Create(async context =>
        {
            using var sink = new MemoryStream();
            await context.Request.Body.CopyToAsync(sink);
            await context.Response.WriteAsync($"{sink.Length} {sink.ToArray().Sum(b => (long)b)}");
        });
        var content = new string((char)200, 60_000);
        var peer = server.Open(FastCgiPackets.PostHead(1, 100 * content.Length));
        for (var i = 0; i < 100; i++)
        {
            await peer.SendAsync(FastCgiPackets.Stdin(1, content, (byte)i));
        }

        await peer.SendAsync(FastCgiPackets.StdinEnd());
        Assert.Equal("6000000 1200000000", (await peer.AnswerAsync(1)).Body);
        await peer.CloseAsync();
    }

    [Fact]
    public async Task Stdin_behind_its_end_is_ignored()
    {
        await using var server = FastCgiServer.Create(EchoAsync);
        var peer = server.Open(
            FastCgiPackets.PostHead(1, -1), FastCgiPackets.Stdin(1, "all"), FastCgiPackets.StdinEnd(), FastCgiPackets.Stdin(1, "more"), FastCgiPackets.StdinEnd());
        Assert.Equal(" True all", (await peer.AnswerAsync(1)).Body);
        Assert.Equal("4 True next", (await peer.AskAsync(1, FastCgiPackets.Post(1, "next"))).Body);
        await peer.CloseAsync();
    }

    [Fact]
    public async Task Stdin_before_the_end_of_the_params_is_kept()
    {
        await using var server = FastCgiServer.Create(EchoAsync);
        var pairs = FastCgiPackets.Pairs("POST", "/", ("CONTENT_LENGTH", "4"));
        var peer = server.Open(
            FastCgiPackets.Begin(),
            FastCgiBytes.Record(FastCgiRecord.Params, 1, pairs[..20]),
            FastCgiPackets.Stdin(1, "bo"),
            FastCgiBytes.Record(FastCgiRecord.Params, 1, pairs[20..]),
            FastCgiPackets.Stdin(1, "dy"),
            FastCgiPackets.StdinEnd(),
            FastCgiPackets.ParamsEnd());
        Assert.Equal("4 True body", (await peer.AnswerAsync(1)).Body);
        await peer.CloseAsync();
    }

    [Fact]
    public async Task More_stdin_before_the_end_of_the_params_than_is_kept_refuses_that_request_alone()
    {
        await using var server = FastCgiServer.Create(EchoAsync);
        var peer = server.Open(FastCgiPackets.Begin());
        for (var i = 0; i < 40; i++)
        {
            await peer.SendAsync(FastCgiPackets.Stdin(1, new string('x', 60_000)));
        }

        Assert.Equal(431, (await peer.AnswerAsync(1)).Status);
        Assert.Equal("4 True next", (await peer.AskAsync(1, FastCgiPackets.Post(1, "next"))).Body);
        await peer.CloseAsync();
    }

    [Fact]
    public async Task Content_and_padding_of_the_largest_lengths_are_the_same_however_they_are_split()
    {
        await using var server = FastCgiServer.Create(async context =>
        {
            using var sink = new MemoryStream();
            await context.Request.Body.CopyToAsync(sink);
            await context.Response.WriteAsync($"{sink.Length} {sink.ToArray().All(b => b == 'x')}");
        });
        var head = FastCgiPackets.PostHead(1, 65535);
        var record = WireBytes.Concat(FastCgiPackets.Stdin(1, new string('x', 65535), 255), FastCgiPackets.StdinEnd());
        var peer = server.Open();
        for (var at = 0; at < record.Length; at += at is < 20 or > 65500 ? 1 : 1311)
        {
            await peer.SendAsync(head, record[..at]);
            await peer.SendAsync(record[at..]);
            Assert.Equal("65535 True", (await peer.AnswerAsync(1)).Body);
        }

        await peer.CloseAsync();
    }

    private static async Task EchoAsync(HttpContext context)
    {
        var body = await new StreamReader(context.Request.Body, Encoding.Latin1).ReadToEndAsync();
        await context.Response.WriteAsync(
            $"{context.Request.ContentLength} {context.Features.Get<IHttpRequestBodyDetectionFeature>()!.CanHaveBody} {body}");
    }
}
