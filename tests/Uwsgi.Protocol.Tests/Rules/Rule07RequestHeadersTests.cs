using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rule 7: headers are the client's; what spoke of its connection to the front end is dropped, and none is taken for what the front end says.</summary>
public class Rule07RequestHeadersTests
{
    [Theory]
    [EveryProtocol]
    public async Task Headers_that_spoke_of_the_front_ends_connection_are_not_the_requests(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, context => context.Response.WriteAsync(string.Join(",", context.Request.Headers.Keys.Except(["Content-Length"]))));
        var received = await server.AnswerAsync(server.Requests.Get("/",
            ("HTTP_TRANSFER_ENCODING", "identity"), ("HTTP_EXPECT", "100-continue"), ("HTTP_TE", "trailers"), ("HTTP_TRAILER", "x"),
            ("HTTP_KEEP_ALIVE", "5"), ("HTTP_PROXY_CONNECTION", "keep-alive"), ("HTTP_CONNECTION", "close"), ("HTTP_UPGRADE", "h2c")));
        Assert.Equal("Host", received.Body);
    }

    [Theory]
    [EveryProtocol]
    [Trait("Guards", "one length of a body, never two")]
    public async Task The_twins_of_type_and_length_are_not_looked_at(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, context => context.Response.WriteAsync(
            $"{context.Request.ContentType} {context.Request.ContentLength} {context.Request.Headers.ContentLength}"));
        var received = await server.AnswerAsync(server.Requests.Post("x", ("HTTP_CONTENT_LENGTH", "1"), ("HTTP_CONTENT_TYPE", "text/evil")));
        Assert.Equal("text/plain 1 1", received.Body);
        received = await server.AnswerAsync(server.Requests.Get("/", ("HTTP_CONTENT_LENGTH", "0"), ("CONTENT_TYPE", ""), ("HTTP_CONTENT_TYPE", "text/evil")));
        Assert.Equal($" {(protocol == GatewayProtocol.Scgi ? "0 0" : " ")}", received.Body);
    }

    [Theory]
    [EveryProtocol]
    public async Task Only_a_WebSocket_shows_what_was_said_of_the_connection(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(
            protocol, context => context.Response.WriteAsync($"{context.Request.Headers.Connection} {context.Request.Headers.Upgrade}"), options => options.AllowFastCgiUpgrade = true);
        Assert.Equal("Upgrade websocket", (await server.AnswerAsync(server.Requests.Upgrade())).Body);
        Assert.Equal(" ", (await server.AnswerAsync(server.Requests.Upgrade(("REQUEST_METHOD", "POST")))).Body);
    }

    [Theory]
    [EveryProtocol]
    [Trait("Guards", "a client does not choose its address")]
    public async Task What_a_client_says_of_itself_changes_neither_its_address_nor_its_scheme_nor_its_user(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, context => context.Response.WriteAsync(
            $"{context.Connection.RemoteIpAddress} {context.Request.Scheme} {context.GetServerVariable("REMOTE_USER")}. {context.User.Identity?.Name}. " +
            $"{context.Request.Headers["Remote-User"]} {context.Request.Host}"));
        var received = await server.AnswerAsync(server.Requests.Get("/",
            ("HTTP_X_FORWARDED_FOR", "203.0.113.9"), ("HTTP_FORWARDED", "for=203.0.113.9;proto=https"), ("HTTP_X_REAL_IP", "203.0.113.9"),
            ("HTTP_X_FORWARDED_PROTO", "https"), ("HTTP_X_FORWARDED_HOST", "evil.example"), ("HTTP_HTTPS", "on"), ("HTTP_REMOTE_ADDR", "203.0.113.9"),
            ("HTTP_REMOTE_USER", "admin"), ("HTTP_SERVER_NAME", "evil.example")));
        Assert.Equal("192.0.2.7 http . . admin example.org", received.Body);
    }

    [Theory]
    [EveryProtocol("HTTP_X_REQUEST_ID", "X-Request-ID")]
    [EveryProtocol("HTTP_X.DOT", "X.Dot")]
    [EveryProtocol("HTTP_X!BANG", "X!Bang")]
    [EveryProtocol("HTTP_PROXY", "Proxy")]
    public async Task An_underscore_reads_as_a_hyphen_and_other_signs_as_they_are(GatewayProtocol protocol, string variable, string name)
    {
        await using var server = InMemoryServer.Of(protocol, context => context.Response.WriteAsync($"{context.Request.Headers[name]}"));
        Assert.Equal("value", (await server.AnswerAsync(server.Requests.Get("/", (variable, "value")))).Body);
    }

    [Theory]
    [EveryProtocol]
    [Trait("Guards", "no variable becomes an environment variable")]
    public async Task No_header_becomes_an_environment_variable(GatewayProtocol protocol)
    {
        var name = $"HTTP_PROXY_{protocol}".ToUpperInvariant();
        await using var server = InMemoryServer.Of(protocol, context => context.Response.WriteAsync($"{context.GetServerVariable(name)} {Environment.GetEnvironmentVariable(name)}"));
        Assert.Equal("http://evil.example ", (await server.AnswerAsync(server.Requests.Get("/", (name, "http://evil.example")))).Body);
    }

    [Fact]
    public async Task A_header_that_is_not_utf8_is_read_in_the_encoding_that_kestrel_is_told()
    {
        await using var server = new InMemoryServer(context => context.Response.WriteAsync(context.Request.Headers["X-Latin"] == "caf\u00e9" ? "yes" : "no"));
        server.Kestrel.RequestHeaderEncodingSelector = name => name == "X-Latin" ? System.Text.Encoding.Latin1 : null;
        var request = WireBytes.Packet(0, 0, [.. Packets.Get()[4..], .. WireBytes.Variable("HTTP_X_LATIN"u8.ToArray(), [(byte)'c', (byte)'a', (byte)'f', 0xE9])]);
        Assert.Equal("yes", (await server.AskAsync(request)).Body);
    }

    [Theory]
    [InlineData("HTTP_X_LATIN")]
    [InlineData("CONTENT_TYPE")]
    public async Task A_header_that_is_not_utf8_is_a_bad_request_otherwise(string variable)
    {
        await using var server = new InMemoryServer(static _ => Task.CompletedTask);
        var request = WireBytes.Packet(0, 0, [.. Packets.Get()[4..], .. WireBytes.Variable(System.Text.Encoding.ASCII.GetBytes(variable), [0xE9])]);
        Assert.Equal(400, (await server.AskAndCloseAsync(request)).Status);
    }
}
