using System.Text;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.FastCgi;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Harakiri;

/// <summary>One request of a FastCGI connection is ended in its handler's place, and the connection goes on for the others.</summary>
public class HarakiriFastCgiTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_kept_connection_goes_on_and_the_id_is_free_again(bool blocks)
    {
        var handler = new StuckHandler(blocks);
        await using var server = Watched(handler);
        var peer = server.Open(FastCgiPackets.Get(1, "/slow"));
        using var release = await handler.ReachedAsync();
        server.LetTimePass(Deadline);
        var answer = await peer.AnswerAsync(1);
        Assert.Equal(504, answer.Status);
        Assert.True(answer.IsComplete);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("/next: x", (await peer.AskAsync(1, FastCgiPackets.Post(1, "x", target: "/next"))).Body);
        }

        // It comes back while its id is another's.
        handler.Release();
        await Eventually.TrueAsync(() => server.Harakiri.Stuck == 0);
        Assert.Equal("/next: y", (await peer.AskAsync(1, FastCgiPackets.Post(1, "y", target: "/next"))).Body);
        await peer.CloseAsync();
        Assert.Empty(peer.Records);
        Assert.Equal(["Completed"], server.Ends);
    }

    [Fact]
    public async Task Others_on_the_connection_go_on_while_one_is_ended_before_its_head()
    {
        var handler = new StuckHandler(blocks: false);
        await using var server = Watched(handler);
        var peer = server.Open(FastCgiPackets.Get(1, "/slow"), FastCgiPackets.PostHead(2, 6, target: "/other"), FastCgiPackets.Stdin(2, "one"));
        using var release = await handler.ReachedAsync();
        server.Time.Advance(TimeSpan.FromSeconds(29));
        await peer.SendAsync(FastCgiPackets.PostHead(3, 1, target: "/third"));
        await Eventually.TrueAsync(() => server.Harakiri.Watched == 3);
        server.LetTimePass(TimeSpan.FromSeconds(1));
        Assert.Equal(504, (await peer.AnswerAsync(1)).Status);

        // The second is of the same age, and waits for its body.
        Assert.Equal(504, (await peer.AnswerAsync(2)).Status);
        Assert.Equal("/third: z", (await peer.AskAsync(3, WireBytes.Concat(FastCgiPackets.Stdin(3, "z"), FastCgiPackets.StdinEnd(3)))).Body);
        handler.Release();
        await peer.CloseAsync();
    }

    [Fact]
    public async Task One_whose_head_has_left_ends_short_and_the_others_on_the_connection_go_on()
    {
        var handler = new StuckHandler(blocks: false);
        await using var server = Watched(async context =>
        {
            if (context.Request.Path == "/slow")
            {
                await context.Response.WriteAsync("half");
                await handler.RunAsync(context);
                return;
            }

            await EchoAsync(context);
        });
        var peer = server.Open(FastCgiPackets.Get(1, "/slow"));
        await peer.UntilAsync(() => peer.Records.Any(record => record.Type == FastCgiRecord.Stdout));
        using var release = await handler.ReachedAsync();
        server.Time.Advance(TimeSpan.FromSeconds(20));
        await peer.SendAsync(FastCgiPackets.PostHead(2, 1, target: "/other"));
        await Eventually.TrueAsync(() => server.Harakiri.Watched == 2);
        server.LetTimePass(TimeSpan.FromSeconds(10));
        var cut = await peer.AnswerAsync(1);
        Assert.EndsWith("half", cut.Body, StringComparison.Ordinal);
        Assert.False(cut.IsComplete);
        Assert.Equal("/other: z", (await peer.AskAsync(2, WireBytes.Concat(FastCgiPackets.Stdin(2, "z"), FastCgiPackets.StdinEnd(2)))).Body);

        // Its own late bytes are nobody's, though another has its id.
        Assert.Equal("/next: ", (await peer.AskAsync(1, FastCgiPackets.Post(1, "", target: "/next"))).Body);
        handler.Release();
        await peer.CloseAsync();
        Assert.Empty(peer.Records);
    }

    [Fact]
    public async Task A_body_that_the_handler_does_not_read_does_not_hold_the_connection_up_any_more()
    {
        const int Bound = 1024 * 1024;
        var handler = new StuckHandler(blocks: false);
        await using var server = Watched(handler);
        var piece = new string('x', 32 * 1024);
        var peer = server.Open(FastCgiPackets.PostHead(1, 4 * Bound, target: "/slow"));
        using var release = await handler.ReachedAsync();
        for (var sent = 0; sent < Bound; sent += piece.Length)
        {
            await peer.SendAsync(FastCgiPackets.Stdin(1, piece));
        }

        await peer.SendAsync(FastCgiPackets.Post(2, "waits", target: "/next"));
        server.LetTimePass(Deadline);
        Assert.Equal(504, (await peer.AnswerAsync(1)).Status);
        await peer.SendAsync(FastCgiPackets.Stdin(1, piece), FastCgiPackets.Stdin(1, piece));
        Assert.Equal("/next: waits", (await peer.AnswerAsync(2)).Body);
        handler.Release();
        await peer.CloseAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_is_not_kept_ends_though_its_handler_has_not_come_back(bool blocks)
    {
        var handler = new StuckHandler(blocks);
        await using var server = Watched(handler);
        var peer = server.Open(FastCgiPackets.Get(1, "/slow", keep: false));
        using var release = await handler.ReachedAsync();
        server.LetTimePass(Deadline);
        Assert.Equal(504, (await peer.AnswerAsync(1)).Status);

        // Nobody has to come back for that.
        Assert.False((await peer.Connection.ReadToEndAsync()).IsReset);
        Assert.False(peer.Connection.Execution.IsCompleted);
        handler.Release();
        await server.LetTimePassUntilEndOf(peer.Connection);
    }

    [Fact]
    public async Task An_abort_of_the_front_ends_leaves_nothing_to_answer_and_the_id_is_free_at_the_deadline()
    {
        var handler = new StuckHandler(blocks: false);
        await using var server = Watched(handler);
        var peer = server.Open(FastCgiPackets.Get(1, "/slow"));
        using var release = await handler.ReachedAsync();
        await peer.SendAsync(FastCgiPackets.Abort(1));
        await peer.SendAsync(FastCgiPackets.Post(2, "", target: "/next"));
        Assert.Equal(200, (await peer.AnswerAsync(2)).Status);
        server.LetTimePass(Deadline);
        var end = await peer.AnswerAsync(1);
        Assert.Empty(end.Response.Bytes);
        Assert.Equal("/next: ", (await peer.AskAsync(1, FastCgiPackets.Post(1, "", target: "/next"))).Body);
        handler.Release();
        await peer.CloseAsync();
    }

    [Fact]
    public async Task The_time_in_front_of_the_app_counts_too()
    {
        await using var server = FastCgiServer.Create(EchoAsync).WatchWith(new HarakiriOptions());
        var watched = server.Application.Processing;
        var before = new SyncPoint();
        server.Application.Processing = async (context, app) =>
        {
            await before.MeetAsync();
            await watched(context, app);
        };
        var peer = server.Open(FastCgiPackets.PostHead(1, 5));
        await before.Reached;
        server.Time.Advance(Deadline);
        before.Continue();
        await Eventually.TrueAsync(() => server.Harakiri.Killed == 1);
        Assert.Equal(0, server.Harakiri.StuckTotal);
        await peer.SendAsync(FastCgiPackets.Stdin(1, "hello"), FastCgiPackets.StdinEnd());
        Assert.Equal("/: hello", (await peer.AnswerAsync(1)).Body);
        await peer.CloseAsync();
    }

    private static InMemoryServer Watched(StuckHandler handler) =>
        Watched(context => context.Request.Path == "/slow" ? handler.RunAsync(context) : EchoAsync(context));

    private static InMemoryServer Watched(RequestDelegate app)
    {
        var server = FastCgiServer.Create(app).WatchWith(new HarakiriOptions { Grace = TimeSpan.Zero });
        server.Kestrel.Limits.MinRequestBodyDataRate = null;
        return server;
    }

    private static async Task EchoAsync(HttpContext context)
    {
        var body = await new StreamReader(context.Request.Body, Encoding.Latin1).ReadToEndAsync();
        await context.Response.WriteAsync($"{context.Request.Path}: {body}");
    }
}
