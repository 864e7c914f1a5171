using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rule 19: a stream that is not to be buffered says so, before its head has gone out.</summary>
public class Rule19FlushTests
{
    [Theory]
    [EveryProtocol]
    public async Task Disabled_buffering_is_said_to_nginx(GatewayProtocol protocol)
    {
        var received = await AnswerAsync(protocol, context => context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering());
        Assert.Equal("no", received["X-Accel-Buffering"]);

        received = await AnswerAsync(protocol, context =>
        {
            context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
            context.Response.Headers["X-Accel-Buffering"] = "yes";
        });
        Assert.Equal("yes", received["X-Accel-Buffering"]);
    }

    [Theory]
    [EveryProtocol]
    public async Task Buffering_that_is_disabled_too_late_is_too_late_and_no_failure(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            await context.Response.StartAsync();
            context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
            await context.Response.WriteAsync("late");
        });
        var received = await server.AnswerAsync(server.Requests.Get());
        Assert.Null(received["X-Accel-Buffering"]);
        Assert.Equal("late", received.Body);
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
