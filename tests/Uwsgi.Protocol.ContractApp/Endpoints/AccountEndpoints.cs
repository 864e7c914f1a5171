using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Uwsgi.Protocol.ContractApp.Endpoints;

internal static class AccountEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/account/login", async (HttpContext context) =>
        {
            var form = await context.Request.ReadFormAsync();
            var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, form["name"].ToString())], CookieAuthenticationDefaults.AuthenticationScheme);
            await context.SignInAsync(new ClaimsPrincipal(identity));
            return Results.Redirect("/account/me");
        });
        routes.MapGet("/account/me", (ClaimsPrincipal user) => $"I am {user.Identity!.Name}").RequireAuthorization();
        routes.MapPost("/account/logout", async (HttpContext context) =>
        {
            await context.SignOutAsync();
            return Results.Redirect("/account/me");
        });
    }
}
