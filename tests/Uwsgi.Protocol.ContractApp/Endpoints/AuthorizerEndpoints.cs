using Microsoft.Extensions.Primitives;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.ContractApp.Endpoints;

/// <summary>The app as an authorizer (FastCGI): lets those in whom the query names, and says so to the site behind it.</summary>
internal static class AuthorizerEndpoints
{
    public static void Map(IApplicationBuilder app) =>
        app.MapWhen(context => context.Features.Get<IGatewayRequestFeature>()?.Role == FastCgiRole.Authorizer, gate => gate.Run(DecideAsync));

    private static async Task DecideAsync(HttpContext context)
    {
        using var body = new StreamReader(context.Request.Body);
        var length = (await body.ReadToEndAsync()).Length;
        var user = context.Request.Query["user"];
        if (StringValues.IsNullOrEmpty(user))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = "Bearer";
            await context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path} is for users only. A body of {length}.\n");
            return;
        }

        context.Response.Headers["Variable-REMOTE_USER"] = user;
        context.Response.Headers["Variable-DEPARTMENT"] = "R&D = 50 %";
        await context.Response.WriteAsync("A body that nobody sees.");
    }
}
