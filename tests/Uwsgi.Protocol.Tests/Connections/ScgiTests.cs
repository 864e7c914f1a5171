using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Connections;

/// <summary>In what an SCGI request differs from a uwsgi one.</summary>
public class ScgiTests
{
    private static readonly RequestBytes Scgi = new(GatewayProtocol.Scgi);

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

    [Fact]
    public async Task The_order_of_the_headers_is_nothing_to_refuse()
    {
        await using var server = NewServer(EchoLengthAsync);
        var request = ScgiBytes.Netstring(ScgiBytes.Headers(("REQUEST_URI", "/"), ("REQUEST_METHOD", "POST"), ("CONTENT_LENGTH", "5")));
        Assert.Equal("5, True: 5", (await server.AskAsync([.. request, .. "hello"u8])).Body);
    }

    private static InMemoryServer NewServer(RequestDelegate app) => new(app) { Protocol = GatewayProtocol.Scgi };

    private static async Task EchoLengthAsync(HttpContext context)
    {
        var canHaveBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()!.CanHaveBody;
        var body = await new StreamReader(context.Request.Body, Encoding.Latin1).ReadToEndAsync();
        await context.Response.WriteAsync($"{context.Request.ContentLength?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}, {canHaveBody}: {body.Length}");
    }
}
