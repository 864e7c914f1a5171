using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rule 11: what never leaves, because it speaks of another connection or of another framing.</summary>
public class Rule11StrippedTests
{
    [Theory]
    [EveryProtocol]
    [Trait("Guards", "no framing of another protocol on the wire")]
    public async Task Hop_by_hop_headers_and_status_never_leave(GatewayProtocol protocol)
    {
        var received = await AnswerAsync(protocol, context =>
        {
            foreach (var name in (string[])["Transfer-Encoding", "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Upgrade", "Status", "status", "CONNECTION"])
            {
                context.Response.Headers[name] = "200 x";
            }

            context.Response.Headers["X-Stays"] = "yes";
        });
        Assert.Equal(["Content-Length: 0", "Date: Fri, 02 Jan 2026 03:05:05 GMT", "X-Stays: yes"], received.Headers.Order(StringComparer.Ordinal));
    }

    [Theory]
    [EveryProtocol]
    [Trait("Guards", "no framing of another protocol on the wire")]
    public async Task A_response_of_unknown_length_is_raw_bytes_until_the_end(GatewayProtocol protocol)
    {
        var inside = new SyncPoint();
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            context.Response.Headers.TransferEncoding = "chunked";
            await context.Response.WriteAsync("one,");
            await inside.MeetAsync();
            await context.Response.WriteAsync("two,");
            await context.Response.WriteAsync("three");
        });
        var connection = server.Connect(server.Requests.Get());
        await inside.Reached;

        // The head has left: before the app waits, its response may still turn out to be all there is.
        await Eventually.TrueAsync(() => connection.Flushed > 0);
        inside.Continue();
        var received = server.Requests.Answer(await connection.ReadToEndAsync());
        Assert.Equal("one,two,three", received.Body);
        Assert.Null(received["Content-Length"]);
        Assert.Null(received["Transfer-Encoding"]);
        Assert.Null(received["Connection"]);
        Assert.False(received.IsReset);
    }

    [Theory]
    [EveryProtocol]
    public async Task There_are_no_trailers(GatewayProtocol protocol)
    {
        var received = await AnswerAsync(protocol, context =>
        {
            Assert.Null(context.Features.Get<IHttpResponseTrailersFeature>());
            Assert.False(context.Response.SupportsTrailers());
            context.Response.DeclareTrailer("X-Late");
        });
        Assert.Null(received["Trailer"]);
    }

    private static async Task<Received> AnswerAsync(GatewayProtocol protocol, Action<HttpContext> app)
    {
        await using var server = InMemoryServer.Of(protocol, context =>
        {
            app(context);
            return Task.CompletedTask;
        });
        return await server.AnswerAsync(server.Requests.Get());
    }
}
