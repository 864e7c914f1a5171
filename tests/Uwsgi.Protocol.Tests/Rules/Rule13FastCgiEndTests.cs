using System.Text;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.FastCgi;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rule 13: how a request of FastCGI ends, and its connection.</summary>
public class Rule13FastCgiEndTests
{
    [Fact]
    public async Task The_end_leaves_with_the_last_content_in_one_write_and_nothing_behind_it()
    {
        await using var server = FastCgiServer.Create(context => context.Response.WriteAsync("hello"));
        var peer = server.Open(FastCgiPackets.Get(7));
        var answer = await peer.AnswerAsync(7);
        Assert.True(answer.IsComplete);
        Assert.Equal(3, answer.Records.Count);
        Assert.Single(peer.Connection.Flushes);
        await peer.CloseAsync();
        Assert.Empty(peer.Records);
        Assert.Equal(["Completed"], server.Ends);
    }

    [Fact]
    public async Task A_large_answer_leaves_in_few_records_and_its_padding_is_zeros()
    {
        await using var server = FastCgiServer.Create(context => context.Response.Body.WriteAsync(new byte[999_999]).AsTask());
        var peer = server.Open(FastCgiPackets.Get());
        var answer = await peer.AnswerAsync(1);
        Assert.Equal(999_999, answer.Body.Length);
        Assert.InRange(answer.Records.Count, 20, 40);
        Assert.All(answer.Records, record => Assert.DoesNotContain(record.Padding, b => b != 0));
        await peer.CloseAsync();
    }

    [Fact]
    public async Task Without_keep_connection_the_connection_ends_at_once_behind_the_end_of_the_request()
    {
        await using var server = FastCgiServer.Create(EchoAsync);
        var peer = server.Open(FastCgiPackets.Post(1, "x", keep: false));

        // The peer does not close, and no time passes.
        Assert.False(await peer.ReadToEndAsync());
        Assert.Equal("POST /: x", (await peer.AnswerAsync(1)).Body);
        Assert.Equal(["Completed"], server.Ends);
    }

    [Fact]
    public async Task Behind_the_request_that_ends_the_connection_nothing_is_begun()
    {
        var calls = 0;
        await using var server = FastCgiServer.Create(_ =>
        {
            calls++;
            return Task.CompletedTask;
        }, options => options.Limits.MaxRequestVariablesSize = 1000);
        var peer = server.Open(
            FastCgiPackets.Head(1, "GET", "/", keep: false, ("X", new string('v', 2000))), FastCgiPackets.StdinEnd(), FastCgiPackets.Get(2));
        await server.LetTimePassUntilEndOf(peer.Connection);
        Assert.False(await peer.ReadToEndAsync());
        Assert.Equal(431, (await peer.AnswerAsync(1)).Status);
        Assert.Empty(peer.Records);
        Assert.Equal(0, calls);
    }

    [Fact]
    public async Task A_kept_connection_answers_one_request_after_the_other_under_the_same_id()
    {
        await using var server = FastCgiServer.Create(EchoAsync);
        var peer = server.Open();
        for (var i = 0; i < 500; i++)
        {
            var answer = await peer.AskAsync(1, FastCgiPackets.Post(1, $"body {i}", target: $"/{i}"));
            Assert.Equal($"POST /{i}: body {i}", answer.Body);
            Assert.True(answer.IsComplete);
        }

        await peer.CloseAsync();
        Assert.Equal(["Completed"], server.Ends);
    }

    [Fact]
    public async Task An_abort_before_the_params_is_answered_with_the_end_of_the_request()
    {
        await using var server = FastCgiServer.Create(static _ => Task.CompletedTask);
        var peer = server.Open(FastCgiPackets.Begin(), FastCgiPackets.Abort());
        var answer = await peer.AnswerAsync(1);
        Assert.Single(answer.Records);
        Assert.Equal(0, answer.ProtocolStatus);
        Assert.Equal(200, (await peer.AskAsync(1, FastCgiPackets.Get())).Status);
        await peer.CloseAsync();
        Assert.Empty(peer.Records);
    }

    private static async Task EchoAsync(HttpContext context)
    {
        var body = await new StreamReader(context.Request.Body, Encoding.Latin1).ReadToEndAsync();
        await context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path}: {body}");
    }
}
