using System.Text;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.FastCgi;

/// <summary>Management records, and roles.</summary>
public class FastCgiManagementTests
{
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

        await Eventually.TrueAsync(() => peer.Connection.IsBehind);
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

    private static InMemory.InMemoryServer NewServer(Action<UwsgiProtocolOptions>? configure = null) =>
        FastCgiServer.Create(static _ => Task.CompletedTask, configure);

    private static byte[] GetValues(int id, params string[] names) =>
        FastCgiBytes.Record(FastCgiRecord.GetValues, id, FastCgiBytes.Pairs([.. names.Select(name => (name, ""))]));
}
