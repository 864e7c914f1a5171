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
}
