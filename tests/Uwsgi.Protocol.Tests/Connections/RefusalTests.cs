using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;
using Uwsgi.Protocol.Tests.Rules;

namespace Uwsgi.Protocol.Tests.Connections;

/// <summary>What never reaches the app, and what its sender is told.</summary>
public class RefusalTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public async Task A_ping_is_answered_with_a_pong(byte modifier2)
    {
        await using var server = NewServer();
        var received = await server.AskAsync(WireBytes.Header(100, 0, modifier2));
        Assert.Equal([100, 0, 0, 1], received.Bytes);
        Assert.Equal(1, server.Meters.Sum("uwsgi_protocol.pings"));
        Assert.Equal(["Ping"], server.Ends);
    }

    [Fact]
    [Trait("Guards", "modifiers that load code or name files elsewhere are not available")]
    public async Task Every_other_modifier_closes_the_connection_without_a_byte()
    {
        await using var server = NewServer();
        var others = Enumerable.Range(0, 256).Where(modifier => modifier is not (0 or (>= 5 and <= 9) or 11 or 14 or 15 or 30 or 100)).ToList();
        foreach (var modifier in others)
        {
            var received = await server.AskAsync(WireBytes.Packet((byte)modifier, 0, WireBytes.Variables(("REQUEST_METHOD", "GET"))));
            Assert.Empty(received.Bytes);
        }

        Assert.Equal(others.Count, server.Meters.Sum("uwsgi_protocol.rejected_requests"));
        Assert.All(server.Meters.Measurements, measured => Assert.Equal("UnsupportedModifier", measured["error.type"]));
        Assert.All(server.Meters.Measurements, measured => Assert.Equal("uwsgi", measured["network.protocol.name"]));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("POST /a HTTP/1.0\r\n\r\n")]
    [InlineData("DELETE /a HTTP/1.1\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    public async Task An_http_request_is_told_in_http_that_it_came_to_the_wrong_port(string request)
    {
        await using var server = NewServer();
        var received = await server.AskAndCloseAsync(Encoding.ASCII.GetBytes(request));
        Assert.Equal("HTTP/1.1 400 Bad Request", received.StatusLine);
        Assert.Equal("text/plain", received["Content-Type"]);
        Assert.Equal(received.Body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), received["Content-Length"]);
        Assert.Contains("uwsgi_pass, not proxy_pass", received.Body, StringComparison.Ordinal);
        Assert.Equal("HttpRequest", Assert.Single(server.Meters.Of("uwsgi_protocol.rejected_requests"))["error.type"]);
    }

    [Fact]
    public async Task A_tls_handshake_closes_the_connection_without_a_byte()
    {
        await using var server = NewServer();
        var received = await server.AskAsync([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03]);
        Assert.Empty(received.Bytes);
        Assert.Equal("TlsHandshake", Assert.Single(server.Meters.Of("uwsgi_protocol.rejected_requests"))["error.type"]);
    }

    [Fact]
    public async Task An_empty_packet_is_a_bad_request()
    {
        await using var server = NewServer();
        Assert.Equal(400, (await server.AskAndCloseAsync(WireBytes.Header(0, 0, 0))).Status);
        Assert.Equal("EmptyPacket", Assert.Single(server.Meters.Of("uwsgi_protocol.rejected_requests"))["error.type"]);
    }

    [Fact]
    [Trait("Guards", "limits of a request's head")]
    public async Task What_is_too_large_is_refused_before_it_has_come()
    {
        await using var server = new InMemoryServer(OkAsync, options => options.Limits.MaxRequestVariablesSize = 1000);
        Assert.Equal(431, (await server.AskAndCloseAsync(WireBytes.Header(0, 65535, 0))).Status);
        Assert.Contains("MaxRequestVariablesSize", Assert.Single(server.Logs.Of("RequestRefused")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Guards", "a body's length is a clean number or the request is refused")]
    [InlineData("-1")]
    [InlineData("+5")]
    [InlineData("0x10")]
    [InlineData(" 5")]
    [InlineData("5 ")]
    [InlineData("5,5")]
    [InlineData("abc")]
    [InlineData("1e3")]
    [InlineData("5\0")]
    [InlineData("9223372036854775808")]
    [InlineData("99999999999999999999999999")]
    public async Task A_content_length_that_is_no_clean_number_is_a_bad_request(string length)
    {
        foreach (var protocol in ThatCarry(length).Except([GatewayProtocol.FastCgi]))
        {
            await using var server = NewServer(protocol);
            var received = await server.AskAndCloseAsync([.. server.Requests.Request("POST", "/", ("CONTENT_LENGTH", length)), .. "hello"u8]);
            Assert.Equal(400, received.Status);
            Assert.Equal("InvalidContentLength", Assert.Single(server.Meters.Of("uwsgi_protocol.rejected_requests"))["error.type"]);
        }
    }

    [Theory]
    [Trait("Guards", "a body's length is a clean number or the request is refused")]
    [InlineData("5", "6", 400)]
    [InlineData("5", "05", 400)]
    [InlineData("", "5", 400)]
    [InlineData("5", "", 400)]
    [InlineData("0", "5", 400)]
    [InlineData("0", "0", 200)]
    public async Task Two_content_lengths_must_agree(string first, string second, int status)
    {
        foreach (var protocol in ThatCarry(first + second))
        {
            await using var server = NewServer(protocol);
            byte[] request = [.. server.Requests.Request("POST", "/", ("CONTENT_LENGTH", first), ("CONTENT_LENGTH", second)), .. server.Requests.Body("")];
            var received = await server.AnswerAsync(request);
            Assert.Equal(status, received.Status);
        }
    }

    [Theory]
    [InlineData("REQUEST_METHOD", "")]
    [InlineData("REQUEST_METHOD", "GET /")]
    [InlineData("REQUEST_METHOD", "G\rT")]
    [InlineData("REQUEST_URI", "/a\0b")]
    [InlineData("REQUEST_URI", "/a%00b")]
    [InlineData("REQUEST_URI", "/a\r\nb")]
    [InlineData("REQUEST_URI", "a/b")]
    [InlineData("QUERY_STRING", "a\0b")]
    [InlineData("HTTP_HOST", "exa mple.org")]
    [InlineData("HTTP_HOST", "example.org/path")]
    [InlineData("HTTP_X", "a\rb")]
    [InlineData("HTTP_X", "a\nb")]
    [InlineData("HTTP_X", "a\0b")]
    [InlineData("CONTENT_TYPE", "text/plain\r\nX: y")]
    [InlineData("CONTENT_TYPE", "a\0b")]
    [InlineData("HTTP_X Y", "a")]
    [InlineData("HTTP_X\r\nY", "a")]
    public async Task A_variable_that_makes_no_request_is_a_bad_request(string name, string value)
    {
        foreach (var protocol in ThatCarry(value))
        {
            await using var server = NewServer(protocol);
            Assert.Equal(400, (await server.AnswerAsync(server.Requests.Get("/", (name, value)))).Status);
            Assert.DoesNotContain(server.Logs.Entries, entry => entry.Level > LogLevel.Debug);
        }
    }

    [Fact]
    public async Task A_refused_request_is_not_seen_by_the_next_one()
    {
        await using var server = new InMemoryServer(context => context.Response.WriteAsync(context.Request.Headers["X-Marker"].ToString() + "."));
        _ = await server.AskAndCloseAsync(Packets.Get("/", ("HTTP_X_MARKER", "seen"), ("CONTENT_LENGTH", "x")));
        _ = await server.AskAndCloseAsync(Packets.Get("/", ("HTTP_X_MARKER", "seen"), ("HTTP_X", "\0")));
        Assert.Equal(".", (await server.AskAsync(Packets.Get())).Body);
    }

    [Fact]
    public async Task Beyond_the_limit_of_requests_the_answer_is_503_at_once_and_the_place_is_given_back()
    {
        var inside = new SyncPoint();
        var calls = 0;
        await using var server = new InMemoryServer(
            context => Interlocked.Increment(ref calls) == 1 ? inside.MeetAsync() : Task.CompletedTask,
            options => options.Limits.MaxConcurrentRequests = 1);
        var first = server.Connect(Packets.Get());
        await inside.Reached;
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(503, (await server.AskAndCloseAsync(Packets.Get())).Status);
        }

        inside.Continue();
        Assert.Equal(200, (await first.ReadToEndAsync()).Status);
        await first.Execution.Within();
        Assert.Equal(200, (await server.AskAsync(Packets.Get())).Status);
        Assert.Equal(3, server.Meters.Sum("uwsgi_protocol.rejected_requests"));
        Assert.Equal(3, server.Logs.Of("TooManyRequests").Count());
        Assert.Equal(2, calls);
    }

    [Theory]
    [InlineData("CONTENT_LENGTH", "nonsense")]
    [InlineData("HTTP_X_BAD", "a\nb")]
    [InlineData("REQUEST_METHOD", "")]
    public async Task A_request_that_is_refused_takes_nobodys_place_while_its_peer_stays(string name, string value)
    {
        await using var server = new InMemoryServer(OkAsync, options => options.Limits.MaxConcurrentRequests = 1);
        var refused = server.Connect(Packets.Get("/", (name, value)));
        Assert.StartsWith("HTTP/1.1 400 ", Encoding.ASCII.GetString(await refused.ReadAsync(1)), StringComparison.Ordinal);
        Assert.Equal(200, (await server.AskAsync(Packets.Get())).Status);
        Assert.False(refused.Execution.IsCompleted);
        refused.EndInput();
        Assert.False((await refused.ReadToEndAsync()).IsReset);
        await refused.Execution.Within();
        Assert.Equal(200, (await server.AskAsync(Packets.Get())).Status);
    }

    [Fact]
    public async Task A_request_that_fails_before_it_has_begun_gives_its_place_back()
    {
        await using var server = new InMemoryServer(OkAsync, options => options.Limits.MaxConcurrentRequests = 1);
        server.Kestrel.RequestHeaderEncodingSelector = static name => name == "X-Bad" ? throw new NotSupportedException("the app's") : null;
        server.Logs.Expect("UnexpectedError");
        for (var i = 0; i < 3; i++)
        {
            Assert.True((await server.AskAsync(Packets.Get("/", ("HTTP_X_BAD", "\u00e9")))).IsReset);
            Assert.Equal(200, (await server.AskAsync(Packets.Get())).Status);
        }

        Assert.Equal(3, server.Logs.Of("UnexpectedError").Count());
    }

    private static InMemoryServer NewServer(GatewayProtocol protocol = GatewayProtocol.Uwsgi) => new(OkAsync) { Protocol = protocol };

    /// <summary>A NUL ends a value of SCGI: none can have it inside.</summary>
    private static IEnumerable<GatewayProtocol> ThatCarry(string value) =>
        EveryProtocolAttribute.Protocols.Where(protocol => protocol != GatewayProtocol.Scgi || !value.Contains('\0', StringComparison.Ordinal));

    private static Task OkAsync(HttpContext context) => Task.CompletedTask;

    /// <summary>A request whose variables have exactly so many bytes, the last of them at the packet's edge.</summary>
    private static byte[] OfSize(int size)
    {
        var usual = Packets.Get()[4..];
        return WireBytes.Packet(0, 0, [.. usual, .. WireBytes.VariableOfSize(size - usual.Length)]);
    }
}
