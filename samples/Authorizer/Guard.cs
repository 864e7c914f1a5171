using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Uwsgi.Protocol;
using Uwsgi.Protocol.Wire;

namespace Authorizer;

/// <summary>The authorizer: says who may have which file of the site.</summary>
internal static class Guard
{
    public const string Members = "members";
    public const string Staff = "staff";

    public static bool IsAsked(HttpContext context) => context.Features.Get<IGatewayRequestFeature>()?.Role == FastCgiRole.Authorizer;

    public static async Task DecideAsync(HttpContext context)
    {
        if (FileOf(context) is not { } file)
        {
            await context.ForbidAsync();
            return;
        }

        var policy = file.StartsWithSegments("/staff") ? Staff : Members;
        var decision = await context.RequestServices.GetRequiredService<IAuthorizationService>().AuthorizeAsync(context.User, policy);
        if (decision.Succeeded)
        {
            // An empty 200 lets the request pass. What stands in Variable- headers reaches the site as variables.
            context.Response.Headers["Variable-REMOTE_USER"] = context.User.Identity!.Name;
        }
        else if (context.User.Identity!.IsAuthenticated)
        {
            await context.ForbidAsync();
        }
        else
        {
            await context.ChallengeAsync();
        }
    }

    public static Task ForbidAsync(RedirectContext<CookieAuthenticationOptions> context)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync("This is not for you.\n");
    }

    /// <summary>
    /// The file that the front end is about to send. The path that the client has written is not it: <c>//staff/plan.html</c> is a file of
    /// <c>/staff</c> to a front end, and another path to ASP.NET Core.
    /// </summary>
    private static PathString? FileOf(HttpContext context) =>
        context.GetServerVariable("DOCUMENT_ROOT") is { Length: > 0 } root
        && context.GetServerVariable("SCRIPT_FILENAME") is { } file
        && Path.GetFullPath(file) is var full
        && (full + "/").StartsWith(Path.GetFullPath(root).TrimEnd('/') + "/", StringComparison.Ordinal)
            ? new PathString("/" + Path.GetRelativePath(root, full))
            : null;
}
