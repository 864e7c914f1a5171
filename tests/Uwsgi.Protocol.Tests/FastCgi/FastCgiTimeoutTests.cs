using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.FastCgi;

/// <summary>What takes too long, and what a stop of the server ends.</summary>
public class FastCgiTimeoutTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    [Fact]
    [Trait("Guards", "slow peers")]
    public async Task Params_that_do_not_come_are_408_for_their_request_alone()
    {
        var inside = new SyncPoint();
        await using var server = FastCgiServer.Create(
            context => context.Request.Path == "/wait" ? inside.MeetAsync() : Task.CompletedTask,
            options => options.Limits.RequestHeadTimeout = TimeSpan.FromSeconds(10));
        var peer = server.Open(FastCgiPackets.Get(1, "/wait"), FastCgiPackets.Begin(2), FastCgiPackets.Begin(3));
        await inside.Reached;
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        var pairs = FastCgiPackets.Pairs("GET", "/");
        for (var second = 0; second < 9; second++)
        {
            // A byte a second does not help.
            await peer.SendAsync(FastCgiBytes.Record(FastCgiRecord.Params, 2, [pairs[second]]));
            server.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(200, (await peer.AskAsync(3, WireBytes.Concat(FastCgiPackets.Params(3, pairs), FastCgiPackets.StdinEnd(3)))).Status);
        server.Time.Advance(TimeSpan.FromSeconds(1) + Tick);
        var late = await peer.AnswerAsync(2);
        Assert.Equal(408, late.Status);
        Assert.True(late.IsComplete);
        inside.Continue();
        Assert.Equal(200, (await peer.AnswerAsync(1)).Status);
        Assert.Equal(200, (await peer.AskAsync(2, FastCgiPackets.Get(2))).Status);
        await peer.CloseAsync();
        Assert.Equal("RequestHeadTimeout", Assert.Single(server.Meters.Of("uwsgi_protocol.rejected_requests"))["error.type"]);
    }

    [Fact]
    public async Task A_late_request_that_does_not_keep_its_connection_ends_it()
    {
        await using var server = NewServer();
        var peer = server.Open(FastCgiPackets.Begin(1, keep: false));
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        await server.LetTimePassUntilEndOf(peer.Connection);
        Assert.False(await peer.ReadToEndAsync());
        Assert.Equal(408, (await peer.AnswerAsync(1)).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_with_no_request_ends_after_its_time(bool hasServed)
    {
        await using var server = NewServer(options => options.Limits.IdleTimeout = TimeSpan.FromSeconds(60));
        var peer = server.Open();
        if (hasServed)
        {
            _ = await peer.AskAsync(1, FastCgiPackets.Get());
        }

        await Eventually.TrueAsync(() => server.Time.HasTimers);
        server.Time.Advance(TimeSpan.FromSeconds(60) - Tick);
        Assert.False(peer.Connection.IsAborted);
        await server.LetTimePassUntilEndOf(peer.Connection);
        Assert.Equal(["IdleTimeout"], server.Ends);
    }

    [Fact]
    public async Task A_connection_that_may_be_idle_without_end_stays()
    {
        await using var server = NewServer(options => options.Limits.IdleTimeout = Timeout.InfiniteTimeSpan);
        var peer = server.Open();
        for (var id = 1; id <= 3; id++)
        {
            Assert.Equal(200, (await peer.AskAsync(id, FastCgiPackets.Get(id))).Status);
            await Eventually.TrueAsync(() => server.Time.HasTimers);
            server.Time.Advance(TimeSpan.FromDays(1));
            server.Time.Advance(TimeSpan.FromDays(1));
        }

        await peer.CloseAsync();
        Assert.Empty(server.Logs.Of("TimedOut"));
    }

    [Fact]
    public async Task A_connection_with_a_request_in_the_app_is_not_idle()
    {
        var inside = new SyncPoint();
        await using var server = FastCgiServer.Create(_ => inside.MeetAsync());
        var peer = server.Open(FastCgiPackets.Get());
        await inside.Reached;
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        server.Time.Advance(TimeSpan.FromHours(1));
        inside.Continue();
        Assert.Equal(200, (await peer.AnswerAsync(1)).Status);
        Assert.Equal(200, (await peer.AskAsync(1, FastCgiPackets.Get())).Status);
        await peer.CloseAsync();
    }

    [Fact]
    public async Task A_connection_is_idle_from_the_end_of_its_last_request_on()
    {
        var inside = new SyncPoint();
        await using var server = FastCgiServer.Create(_ => inside.MeetAsync());
        var peer = server.Open(FastCgiPackets.Get());
        await inside.Reached;
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        inside.Continue();
        _ = await peer.AnswerAsync(1);

        // The peer sends nothing more.
        await server.LetTimePassUntilEndOf(peer.Connection);
        Assert.Equal(["IdleTimeout"], server.Ends);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(12)]
    [Trait("Guards", "slow peers")]
    public async Task A_record_that_never_is_complete_keeps_nothing_alive(int start)
    {
        await using var server = NewServer(options => options.Limits.RequestHeadTimeout = TimeSpan.FromSeconds(10));
        var record = FastCgiPackets.Stdin(1, new string('x', 1000));
        var peer = server.Open(record[..start]);
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        for (var second = 0; second < 12 && !peer.Connection.IsAborted; second++)
        {
            await peer.SendAsync([record[start + second]]);
            server.Time.Advance(TimeSpan.FromSeconds(1));
        }

        server.Time.Advance(Tick);
        await peer.Connection.Aborted.Within();
        await peer.Connection.Execution.Within();
        Assert.Equal(["RequestHeadTimeout"], server.Ends);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stop_ends_a_connection_with_no_request_at_once(bool hasServed)
    {
        await using var server = NewServer();
        var peer = server.Open();
        if (hasServed)
        {
            _ = await peer.AskAsync(1, FastCgiPackets.Get());
        }

        await Eventually.TrueAsync(() => server.Time.HasTimers);
        peer.Connection.RequestClose();
        Assert.False(await peer.ReadToEndAsync());
        Assert.Equal(["Stopping"], server.Ends);
        Assert.DoesNotContain(peer.Connection.Tags, tag => tag.Key == "error.type");
    }

    [Fact]
    public async Task A_stop_lets_requests_come_to_their_end_and_then_ends_the_connection()
    {
        var inside = new SyncPoint();
        await using var server = FastCgiServer.Create(async context =>
        {
            await inside.MeetAsync();
            await context.Response.WriteAsync("the answer");
        });
        var peer = server.Open(FastCgiPackets.Get(1));
        await inside.Reached;
        await peer.SendAsync(FastCgiPackets.Begin(2));
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        peer.Connection.RequestClose();
        inside.Continue();
        Assert.Equal("the answer", (await peer.AnswerAsync(1)).Body);
        await peer.SendAsync(FastCgiPackets.Get(2)[16..]);
        Assert.False(await peer.ReadToEndAsync());
        Assert.Equal("the answer", (await peer.AnswerAsync(2)).Body);
        Assert.Equal(["Stopping"], server.Ends);
    }

    [Fact]
    public async Task An_idle_server_keeps_no_timer()
    {
        await using var server = NewServer();
        var peer = server.Open();
        _ = await peer.AskAsync(1, FastCgiPackets.Get());
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        await peer.CloseAsync();
        server.Time.Advance(Tick);
        Assert.False(server.Time.HasTimers);
    }

    private static InMemory.InMemoryServer NewServer(Action<UwsgiProtocolOptions>? configure = null) =>
        FastCgiServer.Create(static _ => Task.CompletedTask, configure);
}
