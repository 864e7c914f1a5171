using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Connections;

/// <summary>In what an SCGI request differs from a uwsgi one.</summary>
public class ScgiTests
{
    private static readonly Requests Scgi = new(GatewayProtocol.Scgi);

    [Fact]
    public async Task The_app_is_told_that_it_was_scgi()
    {
        await using var server = NewServer(context =>
        {
            var gateway = context.Features.Get<IGatewayRequestFeature>()!;
            return context.Response.WriteAsync($"{gateway.Protocol} {gateway.Modifier1} {gateway.Modifier2} {context.GetServerVariable("SCGI")}");
        });
        Assert.Equal("Scgi 0 0 1", (await server.AskAsync(Scgi.Get())).Body);
    }

    [Theory]
    [InlineData(404, "Status: 404 Not Found")]
    [InlineData(302, "Status: 302 Found")]
    [InlineData(204, "Status: 204 No Content")]
    [InlineData(299, "Status: 299 Unknown")]
    public async Task An_answer_starts_with_its_status_as_a_header_and_has_no_other(int statusCode, string start)
    {
        await using var server = NewServer(context =>
        {
            context.Response.StatusCode = statusCode;
            context.Response.Headers.Append("Status", "200 OK");
            return Task.CompletedTask;
        });
        var received = await server.AskAsync(Scgi.Get());
        Assert.Equal(start, received.StatusLine);
        Assert.Empty(received.All("Status"));
    }

    [Fact]
    public async Task A_request_without_a_content_length_has_no_body()
    {
        await using var server = NewServer(EchoLengthAsync);
        var request = ScgiBytes.Netstring(ScgiBytes.Headers(("REQUEST_METHOD", "POST"), ("REQUEST_URI", "/")));
        Assert.Equal("none, False: 0", (await server.AskAsync([.. request, .. "hello"u8])).Body);
    }

    [Theory]
    [InlineData("0", "0, False: 0")]
    [InlineData("5", "5, True: 5")]
    [InlineData("", "none, False: 0")]
    public async Task The_content_length_is_the_bodys(string length, string seen)
    {
        await using var server = NewServer(EchoLengthAsync);
        var request = ScgiBytes.Netstring(ScgiBytes.Headers(("CONTENT_LENGTH", length), ("REQUEST_METHOD", "POST"), ("REQUEST_URI", "/")));
        Assert.Equal(seen, (await server.AskAsync([.. request, .. "hello, and more"u8])).Body);
    }

    [Fact]
    public async Task The_order_of_the_headers_is_nothing_to_refuse()
    {
        await using var server = NewServer(EchoLengthAsync);
        var request = ScgiBytes.Netstring(ScgiBytes.Headers(("REQUEST_URI", "/"), ("REQUEST_METHOD", "POST"), ("CONTENT_LENGTH", "5")));
        Assert.Equal("5, True: 5", (await server.AskAsync([.. request, .. "hello"u8])).Body);
    }

    [Fact]
    public async Task Chunks_are_not_looked_for()
    {
        await using var server = NewServer(EchoLengthAsync);
        var request = ScgiBytes.Netstring(ScgiBytes.Headers(("REQUEST_METHOD", "POST"), ("REQUEST_URI", "/"), ("HTTP_TRANSFER_ENCODING", "chunked")));
        Assert.Equal("none, False: 0", (await server.AskAsync([.. request, .. "5\r\nhello\r\n0\r\n\r\n"u8])).Body);
        Assert.Equal("3, True: 3", (await server.AskAsync(Scgi.Post("abc", ("HTTP_TRANSFER_ENCODING", "chunked")))).Body);
    }

    [Theory]
    [InlineData("0", "10000", "CONTENT_LENGTH is 0, the client's Content-Length was 10000")]
    [InlineData("9144", "10000", "CONTENT_LENGTH is 9144, the client's Content-Length was 10000")]
    [InlineData("10000", "0", "CONTENT_LENGTH is 10000, the client's Content-Length was 0")]
    [Trait("Guards", "a body is never cut in silence")]
    public async Task A_length_that_is_not_the_clients_is_refused_and_the_log_names_the_setting(string length, string clients, string logged)
    {
        await using var server = NewServer(EchoLengthAsync);
        var request = Scgi.Request("POST", "/", ("CONTENT_LENGTH", length), ("HTTP_CONTENT_LENGTH", clients));
        Assert.Equal("Status: 400 Bad Request", (await server.AskAndCloseAsync(request)).StatusLine);
        var refused = Assert.Single(server.Logs.Of("RequestRefused")).Message;
        Assert.Contains(logged, refused, StringComparison.Ordinal);
        Assert.Contains("nginx before 1.29.6 sends this with scgi_request_buffering off", refused, StringComparison.Ordinal);
        Assert.Equal("ConflictingContentLength", Assert.Single(server.Meters.Of("uwsgi_protocol.rejected_requests"))["error.type"]);
    }

    [Fact]
    [Trait("Guards", "a body is never cut in silence")]
    public async Task The_clients_length_alone_is_refused_too()
    {
        await using var server = NewServer(EchoLengthAsync);
        var request = ScgiBytes.Netstring(ScgiBytes.Headers(("REQUEST_METHOD", "POST"), ("REQUEST_URI", "/"), ("HTTP_CONTENT_LENGTH", "5")));
        Assert.Equal(400, (await server.AskAndCloseAsync(request)).Status);
        Assert.Contains("CONTENT_LENGTH is 0, the client's Content-Length was 5", Assert.Single(server.Logs.Of("RequestRefused")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("")]
    [InlineData("five")]
    public async Task A_clients_length_that_says_nothing_else_is_let_in(string clients)
    {
        await using var server = NewServer(EchoLengthAsync);
        Assert.Equal("5, True: 5", (await server.AskAsync(Scgi.Post("hello", ("HTTP_CONTENT_LENGTH", clients)))).Body);
    }

    [Fact]
    public async Task By_uwsgi_the_clients_length_is_not_looked_at()
    {
        await using var server = new InMemoryServer(EchoLengthAsync);
        Assert.Equal("5, True: 5", (await server.AskAsync(Packets.Post("hello", ("HTTP_CONTENT_LENGTH", "10000")))).Body);
    }

    private static InMemoryServer NewServer(RequestDelegate app) => new(app) { Protocol = GatewayProtocol.Scgi };

    private static async Task EchoLengthAsync(HttpContext context)
    {
        var canHaveBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()!.CanHaveBody;
        var body = await new StreamReader(context.Request.Body, Encoding.Latin1).ReadToEndAsync();
        await context.Response.WriteAsync($"{context.Request.ContentLength?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}, {canHaveBody}: {body.Length}");
    }
}
