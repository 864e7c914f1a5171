using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.FastCgi;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rule 1: what front ends send in their different ways is one request, and what is no request costs nothing.</summary>
public class Rule01TolerantParsingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(255)]
    public async Task Params_may_be_cut_anywhere_over_records_of_any_padding(byte padding)
    {
        await using var server = FastCgiServer.Create(context => context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path} {context.Request.Headers["X-Long"].ToString().Length}"));
        var pairs = FastCgiPackets.Pairs("GET", "/cut", ("HTTP_X_LONG", new string('v', 300)));
        var peer = server.Open();
        for (var at = 1; at < pairs.Length; at++)
        {
            var answer = await peer.AskAsync(1, WireBytes.Concat(
                FastCgiPackets.Begin(),
                FastCgiBytes.Record(FastCgiRecord.Params, 1, pairs[..at], padding),
                FastCgiBytes.Record(FastCgiRecord.Params, 1, pairs[at..], padding),
                FastCgiBytes.Record(FastCgiRecord.Params, 1, [], padding),
                FastCgiPackets.StdinEnd()));
            Assert.Equal("GET /cut 300", answer.Body);
        }

        var byteWise = pairs.Select(b => FastCgiBytes.Record(FastCgiRecord.Params, 1, [b], padding)).ToArray();
        Assert.Equal("GET /cut 300", (await peer.AskAsync(1, WireBytes.Concat(
            [FastCgiPackets.Begin(), .. byteWise, FastCgiPackets.ParamsEnd(), FastCgiPackets.StdinEnd()]))).Body);
        await peer.CloseAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(65535)]
    public async Task Any_id_but_0_is_a_requests(int id)
    {
        await using var server = FastCgiServer.Create(static _ => Task.CompletedTask);
        var peer = server.Open();
        Assert.True((await peer.AskAsync(id, FastCgiPackets.Get(id))).IsComplete);
        await peer.CloseAsync();
    }

    [Theory]
    [EveryProtocol("QUERY_STRING", "QUERY_STRING", "second")]
    [EveryProtocol("SCRIPT_NAME", "SCRIPT_NAME", "second")]
    [EveryProtocol("HTTPS", "HTTPS", "second")]
    [EveryProtocol("MY_OWN", "MY_OWN", "second")]
    [EveryProtocol("CONTENT_TYPE", "Content-Type", "second")]
    [EveryProtocol("HTTP_HOST", "Host", "second")]
    [EveryProtocol("HTTP_X_MANY", "X-Many", "first,second")]
    [EveryProtocol("HTTP_COOKIE", "Cookie", "first; second")]
    public async Task Of_two_variables_the_last_counts_and_of_two_headers_both(GatewayProtocol protocol, string variable, string name, string expected)
    {
        await using var server = InMemoryServer.Of(protocol, context => context.Response.WriteAsync(
            name.Contains('_', StringComparison.Ordinal) || name == "HTTPS" ? context.GetServerVariable(name)! : context.Request.Headers[name].ToString()));
        Assert.Equal(expected, (await server.AnswerAsync(server.Requests.Get("/", (variable, "first"), (variable, "second")))).Body);
    }

    [Theory]
    [EveryProtocol]
    public async Task Variables_that_nobody_knows_are_kept_for_the_app(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, context =>
        {
            var variables = context.Features.Get<IServerVariablesFeature>()!;
            Assert.Equal("/srv/www", context.GetServerVariable("DOCUMENT_ROOT"));
            Assert.Equal("/srv/www", context.GetServerVariable("document_root"));
            Assert.Equal("second", variables["TWICE"]);
            Assert.Equal("", variables["EMPTY"]);
            Assert.Null(variables["ABSENT"]);
            Assert.Null(variables[new string('x', 1000)]);
            Assert.Null(variables["é"]);
            Assert.Equal("GET", variables["REQUEST_METHOD"]);
            Assert.Equal("example.org", variables["HTTP_HOST"]);
            Assert.Equal("caf\u00e9", variables["UTF8"]);
            variables["Document_Root"] = "mine";
            Assert.Equal("mine", variables["DOCUMENT_ROOT"]);
            variables["EMPTY"] = null;
            Assert.Null(variables["EMPTY"]);
            return Task.CompletedTask;
        });
        var received = await server.AnswerAsync(server.Requests.Get("/",
            ("DOCUMENT_ROOT", "/srv/www"), ("TWICE", "first"), ("TWICE", "second"), ("EMPTY", ""), ("UTF8", "caf\u00e9")));
        Assert.Equal(200, received.Status);
    }

    [Theory]
    [EveryProtocol]
    public async Task A_connection_without_a_byte_ends_and_is_nothing_to_count(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, EchoAsync);
        var connection = server.Connect();
        connection.EndInput();
        Assert.Empty((await connection.ReadToEndAsync()).Bytes);
        Assert.Equal(["ClosedBeforeRequest"], server.Ends);
        Assert.Empty(server.Meters.Measurements);
        Assert.DoesNotContain(connection.Tags, tag => tag.Key == "error.type");
    }

    [Theory]
    [InlineData(GatewayProtocol.Uwsgi, false)]
    [InlineData(GatewayProtocol.Uwsgi, true)]
    [InlineData(GatewayProtocol.Scgi, false)]
    [InlineData(GatewayProtocol.Scgi, true)]
    public async Task A_request_cut_after_any_byte_ends_its_connection_and_says_so_at_debug_only(GatewayProtocol protocol, bool byReset)
    {
        await using var server = new InMemoryServer(EchoAsync) { Protocol = protocol };
        var request = server.Requests.Post("the body");
        var head = request.Length - "the body".Length;
        for (var length = 0; length < request.Length; length++)
        {
            var connection = server.Connect(request[..length]);
            if (byReset)
            {
                connection.Reset();
            }
            else
            {
                connection.EndInput();
                var received = await connection.ReadToEndAsync();
                Assert.Equal(length < head ? 0 : 400, received.Status);
            }

            await connection.Execution.Within();
        }

        Assert.Equal(request.Length, server.Ends.Count());
        Assert.DoesNotContain(server.Logs.Entries, entry => entry.Level > LogLevel.Debug);
        if (!byReset)
        {
            Assert.Equal(1, server.Ends.Count(end => end == "ClosedBeforeRequest"));
            Assert.Equal(head - 1, server.Meters.Sum("uwsgi_protocol.rejected_requests"));
            Assert.Equal(head - 1, server.Logs.Of("RequestRefused").Count());
            Assert.Equal("the body".Length, server.Logs.Of("BadRequest").Count());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Trait("Guards", "slots of half-closed connections")]
    public async Task A_FastCGI_connection_cut_after_any_byte_ends_and_says_so_at_debug_only(bool byReset)
    {
        await using var server = FastCgiServer.Create(EchoAsync, options => options.Limits.MaxConcurrentRequests = 1);
        var request = FastCgiPackets.Post(1, "the body");
        for (var length = 0; length < request.Length; length++)
        {
            var peer = server.Open(request[..length]);
            if (byReset)
            {
                peer.Connection.Reset();
                await peer.Connection.Execution.Within();
            }
            else
            {
                await peer.CloseAsync();
            }
        }

        Assert.Equal(request.Length, server.Ends.Count());
        Assert.DoesNotContain(server.Logs.Entries, entry => entry.Level > LogLevel.Debug);

        // The only place in the app is free.
        var last = server.Open(request);
        Assert.Equal("POST /: the body", (await last.AnswerAsync(1)).Body);
        await last.CloseAsync();
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5, 0)]
    [InlineData(9, 3)]
    [InlineData(30, 255)]
    public async Task A_request_modifier_reaches_the_app(byte modifier1, byte modifier2)
    {
        await using var server = new InMemoryServer(context =>
        {
            var gateway = context.Features.Get<IGatewayRequestFeature>()!;
            return context.Response.WriteAsync($"{gateway.Protocol} {gateway.Modifier1} {gateway.Modifier2}");
        });
        var request = Packets.Get();
        request[0] = modifier1;
        request[3] = modifier2;
        Assert.Equal($"Uwsgi {modifier1} {modifier2}", (await server.AskAsync(request)).Body);
    }

    private static async Task EchoAsync(HttpContext context)
    {
        var body = await new StreamReader(context.Request.Body, Encoding.Latin1).ReadToEndAsync();
        await context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path}: {body}");
    }
}
