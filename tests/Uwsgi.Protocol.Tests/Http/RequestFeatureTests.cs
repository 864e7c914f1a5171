using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Http;

/// <summary>What the app sees of a request.</summary>
public class RequestFeatureTests
{
    [Fact]
    public async Task A_request_is_what_the_client_sent()
    {
        await using var server = new InMemoryServer(context =>
        {
            var request = context.Request;
            var raw = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
            return context.Response.WriteAsync(
                $"{request.Method} {request.Protocol} {request.Scheme} {request.Host} {request.PathBase.Value} {request.Path.Value} {request.QueryString} {raw}");
        });
        var received = await server.AskAsync(Packets.Request("PATCH", "/a%20b/%C3%A9%2F?x=1&y=%20", ("HTTPS", "on")));
        Assert.Equal(
            System.Text.Encoding.Latin1.GetString("PATCH HTTP/1.1 https example.org  /a b/é%2F ?x=1&y=%20 /a%20b/%C3%A9%2F?x=1&y=%20"u8),
            received.Body);
    }

    [Fact]
    [Trait("Guards", "a path is decoded once")]
    public async Task A_path_is_decoded_exactly_once()
    {
        await using var server = new InMemoryServer(context => context.Response.WriteAsync(
            $"{context.Request.Path.Value} {context.Features.Get<IHttpRequestFeature>()!.RawTarget}"));
        Assert.Equal("/a%2fb /a%252fb", (await server.AskAsync(Packets.Get("/a%252fb"))).Body);
    }

    [Fact]
    [Trait("Guards", "a path does not leave the root")]
    public async Task A_path_with_dot_segments_stays_below_the_root()
    {
        await using var server = new InMemoryServer(context => context.Response.WriteAsync(context.Request.Path.Value!));
        Assert.Equal("/etc/passwd", (await server.AskAsync(Packets.Get("/a/../../etc/passwd"))).Body);
        Assert.Equal("/etc/passwd", (await server.AskAsync(Packets.Get("/a/%2e%2e/%2e%2E/etc/passwd"))).Body);
        Assert.Equal("/a/..%2f..%2fetc/passwd", (await server.AskAsync(Packets.Get("/a/..%2f..%2fetc/passwd"))).Body);
    }

    [Theory]
    [InlineData("HTTP/2.0", "HTTP/2")]
    [InlineData("HTTP/3.0", "HTTP/3")]
    [InlineData("HTTP/1.0", "HTTP/1.0")]
    [InlineData("", "HTTP/1.1")]
    public async Task The_protocol_has_the_name_that_the_framework_gives_it(string protocol, string name)
    {
        await using var server = new InMemoryServer(context => context.Response.WriteAsync(context.Request.Protocol));
        Assert.Equal(name, (await server.AskAsync(Packets.Get("/", ("SERVER_PROTOCOL", protocol)))).Body);
    }

    [Fact]
    public async Task Headers_are_read_one_by_one_or_all_together()
    {
        await using var server = new InMemoryServer(async context =>
        {
            var headers = context.Request.Headers;
            Assert.Equal("text/html", headers.Accept);
            Assert.Equal("a=1; b=2", headers.Cookie);
            Assert.Equal("one|two", string.Join('|', headers["x-many"].ToArray()));
            Assert.Equal("1", context.Request.Cookies["a"]);
            Assert.Equal("2", context.Request.Cookies["b"]);
            Assert.False(headers.ContainsKey("X-Absent"));
            Assert.True(headers["X-Absent"].Count == 0);
            await context.Response.WriteAsync(string.Join("\n", headers.Select(header => $"{header.Key}: {header.Value}").Order(StringComparer.Ordinal)));
            headers["X-Added"] = "by middleware";
            headers.Remove("Accept");
            Assert.Equal("by middleware", headers["X-Added"]);
            Assert.False(headers.ContainsKey("Accept"));
        });
        var received = await server.AskAsync(Packets.Get("/",
            ("HTTP_ACCEPT", "text/html"), ("HTTP_COOKIE", "a=1"), ("HTTP_X_MANY", "one"), ("HTTP_COOKIE", "b=2"), ("HTTP_X_MANY", "two")));
        Assert.Equal("Accept: text/html\nCookie: a=1; b=2\nHost: example.org\nX-Many: one,two", received.Body);
    }

    [Fact]
    public async Task Headers_that_spoke_of_the_front_ends_connection_are_not_the_requests()
    {
        await using var server = new InMemoryServer(context => context.Response.WriteAsync(string.Join(",", context.Request.Headers.Keys)));
        var received = await server.AskAsync(Packets.Get("/",
            ("HTTP_TRANSFER_ENCODING", "identity"), ("HTTP_EXPECT", "100-continue"), ("HTTP_TE", "trailers"), ("HTTP_TRAILER", "x"),
            ("HTTP_KEEP_ALIVE", "5"), ("HTTP_PROXY_CONNECTION", "keep-alive"), ("HTTP_CONNECTION", "close"), ("HTTP_UPGRADE", "h2c")));
        Assert.Equal("Host", received.Body);
    }

    [Fact]
    [Trait("Guards", "one length of a body, never two")]
    public async Task The_twins_of_type_and_length_are_not_looked_at()
    {
        await using var server = new InMemoryServer(context => context.Response.WriteAsync(
            $"{context.Request.ContentType} {context.Request.ContentLength} {context.Request.Headers.ContentLength}"));
        var received = await server.AskAsync(
            [.. Packets.PostHead(1, ("HTTP_CONTENT_LENGTH", "999"), ("HTTP_CONTENT_TYPE", "text/evil")), .. "x"u8]);
        Assert.Equal("text/plain 1 1", received.Body);
        received = await server.AskAsync(Packets.Get("/", ("HTTP_CONTENT_LENGTH", "999")));
        Assert.Equal("  ", received.Body);
    }

    [Theory]
    [InlineData("192.0.2.7", "51234", "192.0.2.7", 51234)]
    [InlineData("2001:db8::1", "80", "2001:db8::1", 80)]
    [InlineData("[::1]", "80", "::1", 80)]
    [InlineData("unix:", "", null, 0)]
    [InlineData("", "", null, 0)]
    [InlineData("not an address", "99999", null, 0)]
    [InlineData("192.0.2.7", "-1", "192.0.2.7", 0)]
    public async Task Addresses_are_what_the_front_end_says_or_nothing(string address, string port, string? expected, int expectedPort)
    {
        await using var server = new InMemoryServer(context =>
        {
            var connection = context.Connection;
            return context.Response.WriteAsync($"{connection.RemoteIpAddress} {connection.RemotePort} {connection.LocalIpAddress} {connection.LocalPort}");
        });
        var received = await server.AskAsync(Packets.Get("/",
            ("REMOTE_ADDR", address), ("REMOTE_PORT", port), ("SERVER_ADDR", address), ("SERVER_PORT", port)));
        Assert.Equal($"{expected} {expectedPort} {expected} {expectedPort}", received.Body);
    }

    [Fact]
    public async Task Addresses_may_be_set_by_middleware()
    {
        await using var server = new InMemoryServer(context =>
        {
            context.Connection.RemoteIpAddress = IPAddress.Loopback;
            context.Connection.LocalPort = 1;
            context.Connection.Id = "mine";
            context.TraceIdentifier = "trace";
            return context.Response.WriteAsync(
                $"{context.Connection.RemoteIpAddress}:{context.Connection.RemotePort} {context.Connection.LocalIpAddress}:{context.Connection.LocalPort} {context.Connection.Id} {context.TraceIdentifier}");
        });
        Assert.Equal("127.0.0.1:51234 198.51.100.1:1 mine trace", (await server.AskAsync(Packets.Get())).Body);
    }

    [Fact]
    [Trait("Guards", "a client does not choose its address")]
    public async Task What_a_client_says_of_itself_changes_neither_its_address_nor_its_scheme_nor_its_user()
    {
        await using var server = new InMemoryServer(context => context.Response.WriteAsync(
            $"{context.Connection.RemoteIpAddress} {context.Request.Scheme} {context.GetServerVariable("REMOTE_USER")}. {context.User.Identity?.Name}. " +
            $"{context.Request.Headers["Remote-User"]} {context.Request.Host}"));
        var received = await server.AskAsync(Packets.Get("/",
            ("HTTP_X_FORWARDED_FOR", "203.0.113.9"), ("HTTP_FORWARDED", "for=203.0.113.9;proto=https"), ("HTTP_X_REAL_IP", "203.0.113.9"),
            ("HTTP_X_FORWARDED_PROTO", "https"), ("HTTP_X_FORWARDED_HOST", "evil.example"), ("HTTP_HTTPS", "on"), ("HTTP_REMOTE_ADDR", "203.0.113.9"),
            ("HTTP_REMOTE_USER", "admin"), ("HTTP_SERVER_NAME", "evil.example")));
        Assert.Equal("192.0.2.7 http . . admin example.org", received.Body);
    }

    [Fact]
    public async Task Every_variable_is_a_server_variable()
    {
        await using var server = new InMemoryServer(context =>
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
        var received = await server.AskAsync(Packets.Get("/",
            ("DOCUMENT_ROOT", "/srv/www"), ("TWICE", "first"), ("TWICE", "second"), ("EMPTY", ""), ("UTF8", "caf\u00e9")));
        Assert.Equal(200, received.Status);
    }

    [Fact]
    public async Task The_trace_identifier_is_the_connections_and_a_number()
    {
        await using var server = new InMemoryServer(context => context.Response.WriteAsync($"{context.TraceIdentifier} {context.Connection.Id}"));
        Assert.Equal("C1:00000001 C1", (await server.AskAsync(Packets.Get())).Body);
    }

    [Fact]
    public async Task Features_of_other_protocols_are_absent_and_those_of_the_connection_are_there()
    {
        await using var server = new InMemoryServer(context =>
        {
            Assert.Null(context.Features.Get<IHttpResponseTrailersFeature>());
            Assert.Null(context.Features.Get<IHttpExtendedConnectFeature>());
            Assert.Null(context.Features.Get<IHttpResetFeature>());
            Assert.False(context.Response.SupportsTrailers());
            Assert.NotNull(context.Features.Get<Microsoft.AspNetCore.Connections.Features.IConnectionItemsFeature>());
            Assert.NotNull(context.Features[typeof(Microsoft.AspNetCore.Connections.Features.IConnectionLifetimeNotificationFeature)]);
            Assert.Contains(context.Features, feature => feature.Key == typeof(IHttpRequestFeature));
            Assert.Contains(context.Features, feature => feature.Key == typeof(Microsoft.AspNetCore.Connections.Features.IConnectionIdFeature));
            var revision = context.Features.Revision;
            context.Features.Set<IFormatProvider>(System.Globalization.CultureInfo.InvariantCulture);
            Assert.NotEqual(revision, context.Features.Revision);
            Assert.Same(System.Globalization.CultureInfo.InvariantCulture, context.Features.Get<IFormatProvider>());
            context.Features.Set<IFormatProvider>(null);
            Assert.Null(context.Features.Get<IFormatProvider>());
            return Task.CompletedTask;
        });
        Assert.Equal(200, (await server.AskAsync(Packets.Get())).Status);
    }

    [Fact]
    public async Task The_display_url_is_the_one_in_the_browser()
    {
        await using var server = new InMemoryServer(context => context.Response.WriteAsync(context.Request.GetDisplayUrl()));
        Assert.Equal("https://example.org:8443/a?b=c", (await server.AskAsync(Packets.Get("/a?b=c", ("HTTPS", "on"), ("HTTP_HOST", "example.org:8443")))).Body);
    }

    [Fact]
    public async Task A_base_path_from_the_options_is_cut_off_the_path()
    {
        await using var server = new InMemoryServer(
            context => context.Response.WriteAsync($"{context.Request.PathBase}|{context.Request.Path}"), options => options.PathBase = "/app");
        Assert.Equal("/app|/x", (await server.AskAsync(Packets.Get("/app/x"))).Body);
        Assert.Equal("|/other", (await server.AskAsync(Packets.Get("/other"))).Body);
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
