using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.FastCgi;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rule 8: where a body ends, and that it is never cut in silence.</summary>
public class Rule08BodyLengthTests
{
    [Theory]
    [InlineData("4", null, "4 True body")]
    [InlineData("-1", null, " True body")]
    [InlineData("", "chunked", " True body")]
    [InlineData(null, "chunked", " True body")]
    [InlineData("-1", "chunked", " True body")]
    [InlineData("4", "chunked", "4 True body")]
    [InlineData("many", null, " True body")]
    [InlineData("+4", null, " True body")]
    [InlineData("4,4", null, " True body")]
    [InlineData("0x4", null, " True body")]
    [InlineData("99999999999999999999", null, " True body")]
    [InlineData("", null, " True body")]
    [InlineData(null, null, " True body")]
    [Trait("Guards", "a body's length is no reason to lose it")]
    public async Task A_FastCGI_body_ends_with_its_stream_whatever_is_said_of_its_length(string? length, string? coding, string expected)
    {
        await using var server = FastCgiServer.Create(EchoAsync);
        List<(string, string)> variables = [];
        if (length is not null)
        {
            variables.Add(("CONTENT_LENGTH", length));
        }

        if (coding is not null)
        {
            variables.Add(("HTTP_TRANSFER_ENCODING", coding));
        }

        var peer = server.Open();
        for (var i = 0; i < 3; i++)
        {
            var answer = await peer.AskAsync(1, WireBytes.Concat(
                FastCgiPackets.Head(1, "POST", "/", true, [.. variables]),
                FastCgiPackets.Stdin(1, "bo", 255),
                FastCgiPackets.Stdin(1, "dy"),
                FastCgiPackets.StdinEnd()));
            Assert.Equal(expected, answer.Body);
        }

        await peer.CloseAsync();
    }

    [Fact]
    public async Task A_FastCGI_body_is_complete_with_its_announced_bytes_though_its_stream_has_no_end()
    {
        await using var server = FastCgiServer.Create(EchoAsync);
        var peer = server.Open(FastCgiPackets.PostHead(1, 4), FastCgiPackets.Stdin(1, "body"));
        Assert.Equal("4 True body", (await peer.AnswerAsync(1)).Body);
        await peer.CloseAsync();
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(5000)]
    public async Task A_FastCGI_body_of_other_bytes_than_announced_is_a_bad_request(int length)
    {
        await using var server = FastCgiServer.Create(EchoAsync);
        var peer = server.Open();
        var answer = await peer.AskAsync(1, WireBytes.Concat(
            FastCgiPackets.PostHead(1, 4), FastCgiPackets.Stdin(1, new string('x', length)), FastCgiPackets.StdinEnd()));
        Assert.Equal(400, answer.Status);
        Assert.True(answer.IsComplete);
        Assert.Equal("4 True next", (await peer.AskAsync(1, FastCgiPackets.Post(1, "next"))).Body);
        await peer.CloseAsync();
        Assert.Single(server.Logs.Of("BadRequest"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_FastCGI_body_that_came_before_the_params_and_is_longer_than_they_announce_is_a_bad_request(bool hasEnded)
    {
        await using var server = FastCgiServer.Create(EchoAsync);
        var peer = server.Open();
        var answer = await peer.AskAsync(1, WireBytes.Concat(
            FastCgiPackets.Begin(),
            FastCgiPackets.Stdin(1, "longer"),
            hasEnded ? FastCgiPackets.StdinEnd() : [],
            FastCgiPackets.Params(1, FastCgiPackets.Pairs("POST", "/", ("CONTENT_LENGTH", "4")))));
        Assert.Equal(400, answer.Status);
        Assert.Equal("4 True next", (await peer.AskAsync(1, FastCgiPackets.Post(1, "next"))).Body);
        await peer.CloseAsync();
        Assert.Equal("ConflictingContentLength", Assert.Single(server.Meters.Of("uwsgi_protocol.rejected_requests"))["error.type"]);
    }

    [Theory]
    [InlineData(GatewayProtocol.Uwsgi)]
    [InlineData(GatewayProtocol.Scgi)]
    public async Task By_uwsgi_and_SCGI_a_body_is_its_announced_bytes_and_no_more(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, EchoAsync);
        Assert.Equal("5 True hello", (await server.AnswerAsync([.. server.Requests.PostHead(5), .. "hello, and more"u8])).Body);
    }

    [Theory]
    [EveryProtocol("10")]
    [InlineData(GatewayProtocol.FastCgi, "-1")]
    public async Task A_body_cut_short_is_a_bad_request_and_never_a_short_body(GatewayProtocol protocol, string length)
    {
        Exception? seen = null;
        await using var server = InMemoryServer.Of(protocol, EchoAsync);
        server.Application.Disposed = (_, exception) => seen = exception;
        byte[] request = [.. server.Requests.Request("POST", "/", ("CONTENT_LENGTH", length)), .. server.Requests.Body("hello")];
        Assert.Equal(400, (await server.AnswerAsync(protocol == GatewayProtocol.FastCgi ? request[..^8] : request)).Status);
        Assert.Equal(400, Assert.IsType<Microsoft.AspNetCore.Http.BadHttpRequestException>(seen).StatusCode);
    }

    [Theory]
    [EveryProtocol("GET", "", " False ")]
    [EveryProtocol("GET", null, " False ")]
    [EveryProtocol("GET", "0", "0 False ")]
    [EveryProtocol("GET", "3", "3 True abc")]
    [EveryProtocol("POST", "0", "0 False ")]
    [EveryProtocol("POST", "3", "3 True abc")]
    [EveryProtocol("DELETE", "3", "3 True abc")]
    [InlineData(GatewayProtocol.Uwsgi, "POST", "", " False ")]
    [InlineData(GatewayProtocol.Uwsgi, "POST", null, " False ")]
    [InlineData(GatewayProtocol.Scgi, "POST", "", " False ")]
    [InlineData(GatewayProtocol.Scgi, "POST", null, " False ")]
    [InlineData(GatewayProtocol.FastCgi, "POST", "", " True ")]
    [InlineData(GatewayProtocol.FastCgi, "POST", null, " True ")]
    public async Task Whether_there_can_be_a_body_is_said_by_what_frames_it(GatewayProtocol protocol, string method, string? length, string expected)
    {
        await using var server = InMemoryServer.Of(protocol, EchoAsync);
        (string, string)[] variables =
        [
            ("REQUEST_METHOD", method), ("REQUEST_URI", "/"), .. length is null ? Array.Empty<(string, string)>() : [("CONTENT_LENGTH", length)],
        ];

        // As they are: front ends write a 0 for SCGI where there is none.
        var head = protocol == GatewayProtocol.Scgi ? ScgiBytes.Netstring(ScgiBytes.Headers(variables)) : server.Requests.Head(variables);
        Assert.Equal(expected, (await server.AnswerAsync([.. head, .. server.Requests.Body(length == "3" ? "abc" : "")])).Body);
    }

    [Theory]
    [InlineData("0", "10000", "CONTENT_LENGTH is 0, the client's Content-Length was 10000")]
    [InlineData("9144", "10000", "CONTENT_LENGTH is 9144, the client's Content-Length was 10000")]
    [InlineData("10000", "0", "CONTENT_LENGTH is 10000, the client's Content-Length was 0")]
    [Trait("Guards", "a body is never cut in silence")]
    public async Task An_SCGI_length_that_is_not_the_clients_is_refused_and_the_log_names_the_setting(string length, string clients, string logged)
    {
        await using var server = InMemoryServer.Of(GatewayProtocol.Scgi, EchoAsync);
        var request = server.Requests.Request("POST", "/", ("CONTENT_LENGTH", length), ("HTTP_CONTENT_LENGTH", clients));
        Assert.Equal("Status: 400 Bad Request", (await server.AskAndCloseAsync(request)).StatusLine);
        var refused = Assert.Single(server.Logs.Of("RequestRefused")).Message;
        Assert.Contains(logged, refused, StringComparison.Ordinal);
        Assert.Contains("nginx before 1.29.6 sends this with scgi_request_buffering off", refused, StringComparison.Ordinal);
        Assert.Equal("ConflictingContentLength", Assert.Single(server.Meters.Of("uwsgi_protocol.rejected_requests"))["error.type"]);
    }

    [Fact]
    [Trait("Guards", "a body is never cut in silence")]
    public async Task By_SCGI_the_clients_length_alone_is_refused_too()
    {
        await using var server = InMemoryServer.Of(GatewayProtocol.Scgi, EchoAsync);
        var request = ScgiBytes.Netstring(ScgiBytes.Headers(("REQUEST_METHOD", "POST"), ("REQUEST_URI", "/"), ("HTTP_CONTENT_LENGTH", "5")));
        Assert.Equal(400, (await server.AskAndCloseAsync(request)).Status);
        Assert.Contains("CONTENT_LENGTH is 0, the client's Content-Length was 5", Assert.Single(server.Logs.Of("RequestRefused")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("")]
    [InlineData("five")]
    public async Task By_SCGI_a_clients_length_that_says_nothing_else_is_let_in(string clients)
    {
        await using var server = InMemoryServer.Of(GatewayProtocol.Scgi, EchoAsync);
        Assert.Equal("5 True hello", (await server.AskAsync(server.Requests.Post("hello", ("HTTP_CONTENT_LENGTH", clients)))).Body);
    }

    [Theory]
    [InlineData(GatewayProtocol.Uwsgi)]
    [InlineData(GatewayProtocol.FastCgi)]
    public async Task Elsewhere_the_clients_length_is_not_looked_at(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, EchoAsync);
        Assert.Equal("5 True hello", (await server.AnswerAsync(server.Requests.Post("hello", ("HTTP_CONTENT_LENGTH", "10000")))).Body);
    }

    [Theory]
    [InlineData("5\r\nhello\r\n0\r\n\r\n", "hello")]
    [InlineData("3\r\nhel\r\n2;ext=1\r\nlo\r\n0\r\nTrailer: x\r\n\r\n", "hello")]
    [InlineData("A\r\n0123456789\r\n0\r\n\r\n", "0123456789")]
    [InlineData("0\r\n\r\n", "")]
    public async Task A_body_in_chunks_is_decoded_in_any_pieces(string chunks, string body)
    {
        await using var server = new InMemoryServer(EchoAsync);
        var request = Packets.Chunked(chunks);
        Assert.Equal($" True {body}", (await server.AskAsync(request)).Body);
        for (var at = request.Length - chunks.Length; at < request.Length; at++)
        {
            var connection = server.Connect(request[..at]);
            await Task.Yield();
            await connection.SendAsync(request.AsMemory(at));
            Assert.Equal($" True {body}", (await connection.ReadToEndAsync()).Body);
        }
    }

    [Fact]
    public async Task By_SCGI_chunks_are_not_looked_for()
    {
        await using var server = InMemoryServer.Of(GatewayProtocol.Scgi, EchoAsync);
        var request = ScgiBytes.Netstring(ScgiBytes.Headers(("REQUEST_METHOD", "POST"), ("REQUEST_URI", "/"), ("HTTP_TRANSFER_ENCODING", "chunked")));
        Assert.Equal(" False ", (await server.AskAsync([.. request, .. "5\r\nhello\r\n0\r\n\r\n"u8])).Body);
        Assert.Equal("3 True abc", (await server.AskAsync(server.Requests.Post("abc", ("HTTP_TRANSFER_ENCODING", "chunked")))).Body);
    }

    [Theory]
    [EveryProtocol]
    [Trait("Guards", "slow peers")]
    public async Task A_body_that_does_not_come_is_408(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, EchoAsync);
        var connection = server.Connect(server.Requests.PostHead(1_000_000));
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        await server.LetTimePassUntilEndOf(connection);
        Assert.Equal(408, server.Requests.Answer(await connection.ReadToEndAsync()).Status);
    }

    private static async Task EchoAsync(HttpContext context)
    {
        var canHaveBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()!.CanHaveBody;
        var body = await new StreamReader(context.Request.Body, Encoding.Latin1).ReadToEndAsync();
        await context.Response.WriteAsync($"{context.Request.ContentLength} {canHaveBody} {body}");
    }
}
