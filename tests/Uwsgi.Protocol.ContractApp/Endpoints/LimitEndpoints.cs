using Microsoft.AspNetCore.Http.Features;

namespace Uwsgi.Protocol.ContractApp.Endpoints;

internal static class LimitEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/limited", () => "let through").RequireRateLimiting("three");
        routes.MapGet("/too-slow", async (HttpContext context) =>
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }).WithRequestTimeout(TimeSpan.FromMilliseconds(100));
        routes.MapPost("/small-only", async (HttpContext context) =>
        {
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = 1000;
            var (length, _) = await EchoEndpoints.HashAsync(context.Request.Body, context.RequestAborted);
            await context.Response.WriteAsync($"{length} bytes");
        });
    }
}
