using System.Text;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.FastCgi;

/// <summary>Management records, and roles.</summary>
public class FastCgiManagementTests
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
    [Trait("Guards", "malformed pairs in management records")]
    public async Task Malformed_names_ask_for_nothing_and_harm_no_request()
    {
        var inside = new SyncPoint();
        await using var server = FastCgiServer.Create(_ => inside.MeetAsync());
        var peer = server.Open(FastCgiPackets.Get());
        await inside.Reached;
        foreach (var content in (byte[][])[[0x80], [5], [5, 0, (byte)'a'], [0, 0], [.. FastCgiBytes.LongLength(int.MaxValue), .. FastCgiBytes.LongLength(int.MaxValue), 1]])
        {
            await peer.SendAsync(FastCgiBytes.Record(FastCgiRecord.GetValues, 0, content));
            var result = await peer.ManagementAsync();
            Assert.Equal((FastCgiRecord.GetValuesResult, 0), (result.Type, result.Content.Length));
        }

        inside.Continue();
        Assert.Equal(200, (await peer.AnswerAsync(1)).Status);
        await peer.CloseAsync();
    }

    [Theory]
    [InlineData(FastCgiRecord.BeginRequest)]
    [InlineData(FastCgiRecord.AbortRequest)]
    [InlineData(FastCgiRecord.Params)]
    [InlineData(FastCgiRecord.Stdin)]
    [InlineData(FastCgiRecord.Stdout)]
    [InlineData(FastCgiRecord.UnknownType)]
    [InlineData(12)]
    [InlineData(255)]
    [InlineData(0)]
    [Trait("Guards", "management and application records are not confused")]
    public async Task Every_other_type_of_id_0_is_answered_with_unknown_type(byte type)
    {
        await using var server = NewServer();
        var peer = server.Open(FastCgiBytes.Record(type, 0, [0, 1, 0, 0, 0, 0, 0, 0], 5));
        var answer = await peer.ManagementAsync();
        Assert.Equal(FastCgiRecord.UnknownType, answer.Type);
        Assert.Equal([type, 0, 0, 0, 0, 0, 0, 0], answer.Content);
        Assert.Equal(200, (await peer.AskAsync(1, FastCgiPackets.Get())).Status);
        await peer.CloseAsync();
        Assert.Empty(peer.Records);
    }

    [Theory]
    [InlineData(FastCgiRecord.GetValues)]
    [InlineData(FastCgiRecord.GetValuesResult)]
    [InlineData(FastCgiRecord.EndRequest)]
    [InlineData(FastCgiRecord.Stdout)]
    [InlineData(FastCgiRecord.Data)]
    [InlineData(99)]
    [Trait("Guards", "management and application records are not confused")]
    public async Task Types_that_belong_to_no_request_are_passed_over_with_an_id(byte type)
    {
        await using var server = NewServer();
        var content = FastCgiBytes.Pairs(("FCGI_MPXS_CONNS", ""));
        var peer = server.Open(
            FastCgiBytes.Record(type, 5, content), FastCgiPackets.Begin(5), FastCgiBytes.Record(type, 5, content), FastCgiPackets.Get(6));
        Assert.Equal(200, (await peer.AnswerAsync(6)).Status);
        Assert.Equal(200, (await peer.AskAsync(5, WireBytes.Concat(
            FastCgiPackets.Params(5, FastCgiPackets.Pairs("GET", "/")), FastCgiBytes.Record(type, 5, content), FastCgiPackets.StdinEnd(5)))).Status);
        await peer.CloseAsync();
        Assert.Empty(peer.Records);
    }

    [Fact]
    [Trait("Guards", "answers that nobody reads")]
    public async Task Questions_of_a_peer_that_reads_no_answers_are_not_taken_without_end()
    {
        await using var server = NewServer();
        var ask = WireBytes.Concat([.. Enumerable.Repeat(GetValues(0, "FCGI_MPXS_CONNS", "FCGI_MAX_REQS"), 1000)]);
        var peer = new FastCgiPeer(server.Connect([], maxUnreadOutput: 16 * 1024));
        for (var i = 0; i < 100; i++)
        {
            await peer.SendAsync(ask);
        }

        await Eventually.TrueAsync(() => peer.Connection.Unflushed > 0);
        var kept = -1;
        await Eventually.TrueAsync(() => kept == (kept = peer.Connection.Flushed + peer.Connection.Unflushed));
        Assert.InRange(kept, 1, 64 * 1024);
        await peer.UntilAsync(() => peer.Records.Count == 100_000);
        await peer.CloseAsync();
    }

    [Theory]
    [InlineData(FastCgiPackets.Responder, "Responder")]
    [InlineData(FastCgiPackets.Authorizer, "Authorizer")]
    public async Task A_role_is_visible_to_the_app(byte role, string expected)
    {
        await using var server = FastCgiServer.Create(
            context => context.Response.WriteAsync($"{context.Features.Get<IGatewayRequestFeature>()!.Role}"));
        var peer = server.Open(
            FastCgiPackets.Begin(1, role: role), FastCgiPackets.Params(1, FastCgiPackets.Pairs("GET", "/")));
        Assert.Equal(expected, (await peer.AnswerAsync(1)).Body);
        await peer.CloseAsync();
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task An_authorizer_has_no_stream_of_a_body_to_wait_for(string method)
    {
        await using var server = FastCgiServer.Create(async context =>
        {
            using var sink = new MemoryStream();
            await context.Request.Body.CopyToAsync(sink);
            context.Response.Headers["Variable-USER"] = "ann";
            await context.Response.WriteAsync($"{sink.Length}");
        });
        var peer = server.Open(
            FastCgiPackets.Begin(1, keep: false, FastCgiPackets.Authorizer), FastCgiPackets.Params(1, FastCgiPackets.Pairs(method, "/")));
        Assert.False(await peer.ReadToEndAsync());
        var answer = await peer.AnswerAsync(1);
        Assert.Equal("0", answer.Body);
        Assert.Equal("ann", answer.Response["Variable-USER"]);
    }

    [Theory]
    [Trait("Guards", "lighttpd hands nothing on that an authorizer says before its status")]
    [InlineData(FastCgiPackets.Responder, "Location: /sign-in\r\nStatus: 302 Found\r\n")]
    [InlineData(FastCgiPackets.Authorizer, "Status: 302 Found\r\nLocation: /sign-in\r\n")]
    public async Task An_authorizer_says_its_status_before_anything_else(byte role, string expected)
    {
        await using var server = FastCgiServer.Create(context =>
        {
            context.Response.Redirect("/sign-in");
            return Task.CompletedTask;
        });
        var peer = server.Open(
            FastCgiPackets.Begin(1, role: role), FastCgiPackets.Params(1, FastCgiPackets.Pairs("GET", "/")), FastCgiPackets.StdinEnd());
        Assert.StartsWith(expected, Encoding.ASCII.GetString((await peer.AnswerAsync(1)).Response.Bytes), StringComparison.Ordinal);
        await peer.CloseAsync();
    }

    [Theory]
    [InlineData(FastCgiPackets.Filter, true)]
    [InlineData(0, true)]
    [InlineData(4, true)]
    [InlineData(255, true)]
    [InlineData(FastCgiPackets.Filter, false)]
    public async Task Any_other_role_is_unknown(byte role, bool keep)
    {
        await using var server = NewServer();
        var peer = server.Open(
            FastCgiPackets.Begin(1, keep, role), FastCgiPackets.Params(1, FastCgiPackets.Pairs("GET", "/")), FastCgiPackets.StdinEnd());
        if (keep)
        {
            Assert.Equal(200, (await peer.AskAsync(2, FastCgiPackets.Get(2))).Status);
            await peer.CloseAsync();
        }
        else
        {
            await server.LetTimePassUntilEndOf(peer.Connection);
            Assert.False(await peer.ReadToEndAsync());
        }

        var answer = await peer.AnswerAsync(1);
        Assert.Single(answer.Records);
        Assert.Equal(3, answer.ProtocolStatus);
        Assert.Empty(peer.Records);
    }

    private static InMemory.InMemoryServer NewServer(Action<UwsgiProtocolOptions>? configure = null) =>
        FastCgiServer.Create(static _ => Task.CompletedTask, configure);

    private static byte[] GetValues(int id, params string[] names) =>
        FastCgiBytes.Record(FastCgiRecord.GetValues, id, FastCgiBytes.Pairs([.. names.Select(name => (name, ""))]));
}
