using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rule 6: scheme, host, addresses and protocol are the client's, as the front end says them; what it does not say is not invented.</summary>
public class Rule06OriginTests
{
    public static TheoryData<GatewayProtocol, string, (string, string)[], string> Origins => Cases.Of(
        ("nothing said", [], "http://example.org"),
        ("HTTPS is on", [("HTTPS", "on")], "https://example.org"),
        ("HTTPS is 1", [("HTTPS", "1")], "https://example.org"),
        ("HTTPS is true", [("HTTPS", "true")], "https://example.org"),
        ("HTTPS is off", [("HTTPS", "off")], "http://example.org"),
        ("the scheme is said", [("REQUEST_SCHEME", "https")], "https://example.org"),
        ("the port is the host's", [("HTTP_HOST", "example.org:8443"), ("SERVER_PORT", "80")], "http://example.org:8443"),
        ("a port is not invented", [("HTTP_HOST", "example.org"), ("SERVER_PORT", "8443")], "http://example.org"),
        ("HTTP/1.0 without a host", [("HTTP_HOST", ""), ("SERVER_NAME", "srv.example"), ("SERVER_PORT", "8080")], "http://srv.example:8080"),
        ("an IPv6 address", [("HTTP_HOST", "[::1]:80")], "http://[::1]:80"));

    [Theory]
    [MemberData(nameof(Origins))]
    public async Task Scheme_and_host_are_what_is_said(GatewayProtocol protocol, string what, (string, string)[] variables, string expected)
    {
        await using var server = InMemoryServer.Of(protocol, context => context.Response.WriteAsync($"{context.Request.Scheme}://{context.Request.Host}"));
        Cases.Equal(what, expected, (await server.AnswerAsync(server.Requests.Get("/", variables))).Body);
    }

    [Theory]
    [EveryProtocol("443", "example.org")]
    [EveryProtocol("8443", "example.org:8443")]
    [EveryProtocol("", "example.org")]
    public async Task A_port_that_was_lost_is_appended_where_an_option_says_so(GatewayProtocol protocol, string port, string expected)
    {
        await using var server = InMemoryServer.Of(
            protocol, context => context.Response.WriteAsync(context.Request.Host.Value!), options => options.AppendServerPort = true);
        Assert.Equal(expected, (await server.AnswerAsync(server.Requests.Get("/", ("HTTPS", "on"), ("SERVER_PORT", port)))).Body);
    }

    [Theory]
    [EveryProtocol("192.0.2.7", "51234", "192.0.2.7", 51234)]
    [EveryProtocol("2001:db8::1", "80", "2001:db8::1", 80)]
    [EveryProtocol("[::1]", "80", "::1", 80)]
    [EveryProtocol("unix:", "", null, 0)]
    [EveryProtocol("", "", null, 0)]
    [EveryProtocol("not an address", "99999", null, 0)]
    [EveryProtocol("192.0.2.7", "-1", "192.0.2.7", 0)]
    public async Task Addresses_are_what_the_front_end_says_or_nothing(GatewayProtocol protocol, string address, string port, string? expected, int expectedPort)
    {
        await using var server = InMemoryServer.Of(protocol, context =>
        {
            var connection = context.Connection;
            return context.Response.WriteAsync($"{connection.RemoteIpAddress} {connection.RemotePort} {connection.LocalIpAddress} {connection.LocalPort}");
        });
        var received = await server.AnswerAsync(server.Requests.Get("/",
            ("REMOTE_ADDR", address), ("REMOTE_PORT", port), ("SERVER_ADDR", address), ("SERVER_PORT", port)));
        Assert.Equal($"{expected} {expectedPort} {expected} {expectedPort}", received.Body);
    }

    [Theory]
    [EveryProtocol("HTTP/2", "HTTP/2")]
    [EveryProtocol("HTTP/2.0", "HTTP/2")]
    [EveryProtocol("HTTP/3.0", "HTTP/3")]
    [EveryProtocol("HTTP/1.0", "HTTP/1.0")]
    [EveryProtocol("", "HTTP/1.1")]
    public async Task The_protocol_has_the_name_that_the_framework_gives_it(GatewayProtocol protocol, string sent, string name)
    {
        await using var server = InMemoryServer.Of(protocol, context => context.Response.WriteAsync(context.Request.Protocol));
        Assert.Equal(name, (await server.AnswerAsync(server.Requests.Get("/", ("SERVER_PROTOCOL", sent)))).Body);
    }

    [Theory]
    [EveryProtocol]
    public async Task The_display_url_is_the_one_in_the_browser(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, context => context.Response.WriteAsync(context.Request.GetDisplayUrl()));
        Assert.Equal("https://example.org:8443/a?b=c", (await server.AnswerAsync(server.Requests.Get("/a?b=c", ("HTTPS", "on"), ("HTTP_HOST", "example.org:8443")))).Body);
    }
}
