using Uwsgi.Protocol.ContractApp.State;

namespace Uwsgi.Protocol.ContractApp.Endpoints;

internal static class CachingEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/cached", (string key, Counters counters) => $"made {counters.Next(key)} times")
            .CacheOutput(policy => policy.Expire(TimeSpan.FromHours(1)).SetVaryByQuery("key").SetVaryByHost(false));
        routes.MapGet("/compressed", () => string.Join('\n', Enumerable.Range(0, 2000).Select(i => $"line {i} of a text that compresses well")));
        routes.MapGet("/etag", (HttpContext context) => Results.Text("tagged", "text/plain", statusCode: 200)).AddEndpointFilter(async (invocation, next) =>
        {
            var request = invocation.HttpContext.Request;
            invocation.HttpContext.Response.Headers.ETag = "\"v1\"";
            return request.Headers.IfNoneMatch == "\"v1\"" ? Results.StatusCode(StatusCodes.Status304NotModified) : await next(invocation);
        });
    }
}
