using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.FastCgi;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rule 15: what the server can do is told truthfully and at any time, and several requests of a connection are served at once.</summary>
public class Rule15GetValuesTests
{
    [Theory]
    [InlineData(new[] { "FCGI_MPXS_CONNS" }, "FCGI_MPXS_CONNS=1")]
    [InlineData(new[] { "FCGI_MAX_REQS", "FCGI_MPXS_CONNS" }, "FCGI_MAX_REQS=7&FCGI_MPXS_CONNS=1")]
    [InlineData(new[] { "FCGI_MAX_CONNS" }, "FCGI_MAX_CONNS=50")]
    [InlineData(new[] { "FCGI_OTHER", "FCGI_MAX_REQS", "X" }, "FCGI_MAX_REQS=7")]
    [InlineData(new string[0], "")]
    public async Task Values_are_told_that_were_asked_for_and_they_are_true(string[] names, string expected)
    {
        await using var server = NewServer(options =>
        {
            options.Limits.MaxConcurrentConnections = 50;
            options.Limits.MaxFastCgiRequestsPerConnection = 7;
        });
        var peer = server.Open(GetValues(0, names));
        var result = await peer.ManagementAsync();
        Assert.Equal(FastCgiRecord.GetValuesResult, result.Type);
        Assert.Equal(
            FastCgiBytes.Pairs([.. expected.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => (pair.Split('=')[0], pair.Split('=')[1]))]),
            result.Content);
        Assert.Equal(200, (await peer.AskAsync(1, FastCgiPackets.Get())).Status);
        await peer.CloseAsync();
    }

    [Fact]
    public async Task A_limit_that_is_not_there_is_not_told()
    {
        await using var server = NewServer(options => options.Limits.MaxConcurrentConnections = null);
        var peer = server.Open(GetValues(0, "FCGI_MAX_CONNS"));
        Assert.Empty((await peer.ManagementAsync()).Content);
        await peer.CloseAsync();
    }

    [Fact]
    public async Task The_lower_of_two_limits_of_requests_is_told()
    {
        await using var server = NewServer(options => options.Limits.MaxConcurrentRequests = 3);
        var peer = server.Open(GetValues(0, "FCGI_MAX_REQS"));
        Assert.EndsWith("FCGI_MAX_REQS3", (await peer.ManagementAsync()).Text, StringComparison.Ordinal);
        await peer.CloseAsync();
    }

    [Fact]
    public async Task Values_are_told_at_any_time()
    {
        var inside = new SyncPoint();
        await using var server = FastCgiServer.Create(_ => inside.MeetAsync());
        var request = FastCgiPackets.Get();
        var ask = GetValues(0, "FCGI_MPXS_CONNS");
        var peer = server.Open(request[..16], ask);
        _ = await peer.ManagementAsync();
        await peer.SendAsync(request[16..]);
        await inside.Reached;
        await peer.SendAsync(ask);
        _ = await peer.ManagementAsync();
        inside.Continue();
        Assert.True((await peer.AnswerAsync(1)).IsComplete);
        await peer.SendAsync(ask);
        _ = await peer.ManagementAsync();
        await peer.CloseAsync();
    }

    [Fact]
    public async Task Requests_that_wait_for_each_other_are_in_the_app_together()
    {
        const int Count = 16;
        var inside = 0;
        var all = new TaskCompletionSource();
        await using var server = FastCgiServer.Create(async context =>
        {
            if (Interlocked.Increment(ref inside) == Count)
            {
                all.SetResult();
            }

            await all.Task.Within();
            await context.Response.WriteAsync($"{context.Request.Path}");
        });
        var peer = server.Open([.. Enumerable.Range(1, Count).Select(id => FastCgiPackets.Get(id, $"/{id}"))]);
        foreach (var id in Enumerable.Range(1, Count).Reverse())
        {
            Assert.Equal($"/{id}", (await peer.AnswerAsync(id)).Body);
        }

        await peer.CloseAsync();
    }

    [Fact]
    public async Task Large_answers_take_turns()
    {
        const int Size = 2_000_000;
        var both = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = 0;
        await using var server = FastCgiServer.Create(async context =>
        {
            // Nobody reads yet: it comes back with its first turn taken, and waits.
            var write = context.Response.Body.WriteAsync(new byte[Size]);
            Assert.False(write.IsCompleted);
            if (Interlocked.Increment(ref waiting) == 2)
            {
                both.SetResult();
            }

            await write;
        });
        var peer = new FastCgiPeer(server.Connect(WireBytes.Concat(FastCgiPackets.Get(1), FastCgiPackets.Get(2)), maxUnreadOutput: 16 * 1024));
        await both.Task.Within();
        await peer.UntilAsync(() => peer.Records.Count(record => record.Type == FastCgiRecord.EndRequest) == 2);

        // One each, whichever thread comes back first.
        var ids = peer.Records.Where(record => record.Content.Length > 1000).Select(record => record.Id).ToList();
        var other = ids[^1];
        var behind = ids.LastIndexOf(other == 1 ? 2 : 1);
        var all = ids.Count(id => id == other);
        await peer.CloseAsync();
        Assert.InRange(ids.Take(behind).Count(id => id == other), all - 1, all);
    }

    private static InMemoryServer NewServer(Action<UwsgiProtocolOptions>? configure = null) =>
        FastCgiServer.Create(static _ => Task.CompletedTask, configure);

    private static byte[] GetValues(int id, params string[] names) =>
        FastCgiBytes.Record(FastCgiRecord.GetValues, id, FastCgiBytes.Pairs([.. names.Select(name => (name, ""))]));
}
