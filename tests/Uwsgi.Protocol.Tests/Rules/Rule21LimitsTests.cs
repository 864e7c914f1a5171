using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.FastCgi;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rule 21: a head is 65,535 bytes by uwsgi, 256 KB elsewhere, and 1000 variables, unless it is said otherwise; more is 431.</summary>
public class Rule21LimitsTests
{
    [Theory]
    [EveryProtocol(-1, 200)]
    [EveryProtocol(0, 200)]
    [EveryProtocol(1, 431)]
    [EveryProtocol(10_000, 431)]
    [Trait("Guards", "limits of a request's head")]
    public async Task Variables_larger_than_the_limit_are_431(GatewayProtocol protocol, int beyond, int status)
    {
        const int Limit = 1000;
        await using var server = InMemoryServer.Of(protocol, static _ => Task.CompletedTask, options => options.Limits.MaxRequestVariablesSize = Limit);
        await AssertStatusAsync(server, OfSize(protocol, Limit + beyond), status, "MaxRequestVariablesSize");
    }

    [Theory]
    [InlineData(GatewayProtocol.Uwsgi, 65_534, 200)]
    [InlineData(GatewayProtocol.Uwsgi, 65_535, 200)]
    [InlineData(GatewayProtocol.Scgi, 65_536, 200)]
    [InlineData(GatewayProtocol.Scgi, 262_144, 200)]
    [InlineData(GatewayProtocol.Scgi, 262_145, 431)]
    [InlineData(GatewayProtocol.FastCgi, 65_536, 200)]
    [InlineData(GatewayProtocol.FastCgi, 262_144, 200)]
    [InlineData(GatewayProtocol.FastCgi, 262_145, 431)]
    [Trait("Guards", "limits of a request's head")]
    public async Task Variables_of_64_or_256_KB_are_served_unless_told_otherwise(GatewayProtocol protocol, int size, int status)
    {
        await using var server = InMemoryServer.Of(protocol, static _ => Task.CompletedTask);
        await AssertStatusAsync(server, OfSize(protocol, size), status, "MaxRequestVariablesSize");
    }

    [Theory]
    [EveryProtocol(null, 999, 200)]
    [EveryProtocol(null, 1000, 200)]
    [EveryProtocol(null, 1001, 431)]
    [EveryProtocol(50, 49, 200)]
    [EveryProtocol(50, 50, 200)]
    [EveryProtocol(50, 51, 431)]
    [Trait("Guards", "limits of a request's head")]
    public async Task More_variables_than_1000_or_the_limit_are_431(GatewayProtocol protocol, int? limit, int count, int status)
    {
        await using var server = InMemoryServer.Of(
            protocol, static _ => Task.CompletedTask, options => options.Limits.MaxRequestVariableCount = limit ?? options.Limits.MaxRequestVariableCount);

        // SCGI's front ends add the length and SCGI itself.
        var own = protocol == GatewayProtocol.Scgi ? 4 : 2;
        var request = server.Requests.Head(
            [("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/"), .. Enumerable.Range(0, count - own).Select(i => ($"X{i}", "v"))]);
        await AssertStatusAsync(server, [.. request, .. server.Requests.Body("")], status, "MaxRequestVariableCount");
    }

    [Fact]
    [Trait("Guards", "limits of a request's head")]
    public async Task By_FastCGI_what_is_too_large_ends_its_request_alone()
    {
        await using var server = FastCgiServer.Create(static _ => Task.CompletedTask, options => options.Limits.MaxRequestVariablesSize = 1000);
        var peer = server.Open();
        var answer = await peer.AskAsync(1, FastCgiPackets.Get(1, "/", true, ("X", new string('v', 50_000))));
        Assert.Equal(431, answer.Status);
        Assert.True(answer.IsComplete);
        Assert.Equal(200, (await peer.AskAsync(1, FastCgiPackets.Get())).Status);
        await peer.CloseAsync();
        Assert.Empty(peer.Records);
    }

    private static async Task AssertStatusAsync(InMemoryServer server, byte[] request, int status, string setting)
    {
        var received = await server.AnswerAsync(request);
        Assert.Equal(status, received.Status);
        Assert.Equal(status == 200 ? 0 : 1, server.Logs.Of("RequestRefused").Count(refused => refused.Message.Contains(setting, StringComparison.Ordinal)));
        Assert.Equal(status == 200 ? 0 : 1, server.Meters.Sum("uwsgi_protocol.rejected_requests"));
    }

    /// <summary>A request whose variables have exactly so many bytes, lengths and all; by FastCGI, in records of any size.</summary>
    private static byte[] OfSize(GatewayProtocol protocol, int size)
    {
        (string, string)[] usual = [("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/")];
        Func<(string, string)[], byte[]> write = protocol switch
        {
            GatewayProtocol.Uwsgi => WireBytes.Variables,
            GatewayProtocol.Scgi => ScgiBytes.Headers,
            _ => FastCgiBytes.Pairs,
        };
        byte[] block = write([.. usual, ("X", new string('v', size / 2)), ("Y", "")]);
        block = write([.. usual, ("X", new string('v', size / 2)), ("Y", new string('v', size - block.Length - Growth(protocol, size - block.Length)))]);
        Assert.Equal(size, block.Length);
        return protocol switch
        {
            GatewayProtocol.Uwsgi => WireBytes.Packet(0, 0, block),
            GatewayProtocol.Scgi => ScgiBytes.Netstring(block),
            _ => WireBytes.Concat(
                [FastCgiPackets.Begin(keep: false), .. block.Chunk(3333).Select(chunk => FastCgiBytes.Record(FastCgiRecord.Params, 1, chunk, 9)), FastCgiPackets.ParamsEnd(), FastCgiPackets.StdinEnd()]),
        };
    }

    // A length of FastCGI takes three bytes more from 128 on.
    private static int Growth(GatewayProtocol protocol, int length) => protocol == GatewayProtocol.FastCgi && length > 127 ? 3 : 0;
}
