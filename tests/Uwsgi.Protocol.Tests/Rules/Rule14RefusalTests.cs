using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.FastCgi;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rule 14: a refusal is an answer, and nothing but the answer is said on FastCGI's streams.</summary>
public class Rule14RefusalTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_said_in_STDERR_whatever_goes_wrong(bool hasBegun)
    {
        var written = new SyncPoint();
        await using var server = FastCgiServer.Create(async context =>
        {
            if (hasBegun)
            {
                await context.Response.WriteAsync("half");
                await written.MeetAsync();
            }

            throw new InvalidOperationException("the app's");
        });
        server.Logs.Expect("ApplicationError");
        var peer = new FastCgiPeer(server.Run(TestTransport.Open("C", isTcp: false), FastCgiPackets.Get()));
        if (hasBegun)
        {
            await written.Reached;
            await peer.UntilAsync(() => peer.Records.Count > 0);
            written.Continue();
        }

        var answer = await peer.AnswerAsync(1);
        Assert.Equal(hasBegun ? 200 : 500, answer.Status);
        Assert.All(answer.Records.SkipLast(1), record => Assert.Equal(FastCgiRecord.Stdout, record.Type));
        await peer.CloseAsync();
        Assert.Empty(peer.Records);
    }

    [Theory]
    [EveryProtocol]
    public async Task Where_there_is_no_room_the_answer_is_503(GatewayProtocol protocol)
    {
        var inside = new SyncPoint();
        await using var server = InMemoryServer.Of(protocol, _ => inside.MeetAsync(), options => options.Limits.MaxConcurrentRequests = 1);
        var first = server.Connect(server.Requests.Get());
        await inside.Reached;
        var refused = await server.AnswerAsync(server.Requests.Get());
        Assert.EndsWith(" 503 Service Unavailable", refused.StatusLine, StringComparison.Ordinal);
        Assert.Equal("0", refused["Content-Length"]);
        inside.Continue();
        Assert.Equal(200, server.Requests.Answer(await first.ReadToEndAsync()).Status);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    [Trait("Guards", "requests begun and never ended")]
    public async Task Beyond_the_limit_of_a_connection_a_request_is_answered_with_503_and_the_others_go_on(int beyond)
    {
        const int Limit = 4;
        await using var server = FastCgiServer.Create(static _ => Task.CompletedTask, options => options.Limits.MaxFastCgiRequestsPerConnection = Limit);
        var ids = Enumerable.Range(1, Limit + beyond).ToArray();
        var peer = server.Open([.. ids.Select(id => FastCgiPackets.Begin(id))]);
        foreach (var id in ids)
        {
            var answer = await peer.AskAsync(id, WireBytes.Concat(
                FastCgiPackets.Params(id, FastCgiPackets.Pairs("GET", $"/{id}")), FastCgiPackets.StdinEnd(id)));
            Assert.Equal(id <= Limit ? 200 : 503, answer.Status);
            Assert.True(answer.IsComplete);
        }

        // Places are given back.
        foreach (var id in ids)
        {
            Assert.Equal(200, (await peer.AskAsync(id, FastCgiPackets.Get(id))).Status);
        }

        await peer.CloseAsync();
        Assert.Equal(Math.Max(0, beyond), server.Meters.Sum("uwsgi_protocol.rejected_requests"));
        Assert.All(server.Logs.Of("TooManyRequests"), entry => Assert.Contains("(4) are in the app. See UwsgiProtocolOptions.Limits.MaxFastCgiRequestsPerConnection.", entry.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(FastCgiPackets.Filter, true)]
    [InlineData(0, true)]
    [InlineData(4, true)]
    [InlineData(255, true)]
    [InlineData(FastCgiPackets.Filter, false)]
    public async Task Any_other_role_is_unknown(byte role, bool keep)
    {
        await using var server = FastCgiServer.Create(static _ => Task.CompletedTask);
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
        await using var server = FastCgiServer.Create(static _ => Task.CompletedTask);
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
        await using var server = FastCgiServer.Create(static _ => Task.CompletedTask);
        var content = FastCgiBytes.Pairs(("FCGI_MPXS_CONNS", ""));
        var peer = server.Open(
            FastCgiBytes.Record(type, 5, content), FastCgiPackets.Begin(5), FastCgiBytes.Record(type, 5, content), FastCgiPackets.Get(6));
        Assert.Equal(200, (await peer.AnswerAsync(6)).Status);
        Assert.Equal(200, (await peer.AskAsync(5, WireBytes.Concat(
            FastCgiPackets.Params(5, FastCgiPackets.Pairs("GET", "/")), FastCgiBytes.Record(type, 5, content), FastCgiPackets.StdinEnd(5)))).Status);
        await peer.CloseAsync();
        Assert.Empty(peer.Records);
    }
}
