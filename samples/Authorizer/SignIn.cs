using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;

namespace Authorizer;

/// <summary>The responder: a form, a cookie.</summary>
internal static class SignIn
{
    public const string Path = "/account/sign-in";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, (HttpContext context, IAntiforgery antiforgery, string? returnUrl) => Form(context, antiforgery, returnUrl));
        routes.MapPost(Path, SignInAsync);
    }

    private static async Task<IResult> SignInAsync(
        [FromForm] string name,
        [FromForm] string password,
        string? returnUrl,
        HttpContext context,
        IAntiforgery antiforgery,
        IConfiguration configuration,
        IPasswordHasher<Account> hasher)
    {
        var account = configuration.GetSection("Accounts").Get<Dictionary<string, Account>>()?.GetValueOrDefault(name);
        if (account is null || hasher.VerifyHashedPassword(account, account.PasswordHash, password) == PasswordVerificationResult.Failed)
        {
            return Form(context, antiforgery, returnUrl, "The name or the password is wrong.");
        }

        var identity = new ClaimsIdentity([new(ClaimTypes.Name, name)], CookieAuthenticationDefaults.AuthenticationScheme);
        if (account.Role is { } role)
        {
            identity.AddClaim(new(ClaimTypes.Role, role));
        }

        await context.SignInAsync(new ClaimsPrincipal(identity));
        return Results.LocalRedirect(string.IsNullOrEmpty(returnUrl) ? "/" : returnUrl);
    }

    private static IResult Form(HttpContext context, IAntiforgery antiforgery, string? returnUrl, string? error = null)
    {
        var token = antiforgery.GetAndStoreTokens(context);
        return Results.Text($$"""
            <!DOCTYPE html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width">
            <title>Sign in</title>
            <style>
                :root { color-scheme: light dark; }
                body { font: 1rem/1.5 system-ui, sans-serif; max-width: 20rem; margin: 2rem auto; padding: 0 1rem; }
                label, button { display: block; margin-top: 1rem; }
                input { display: block; width: 100%; font: inherit; box-sizing: border-box; }
            </style>
            <h1>Sign in</h1>
            <form method="post" action="{{Path}}?returnUrl={{Uri.EscapeDataString(returnUrl ?? "/")}}">
                <input type="hidden" name="{{token.FormFieldName}}" value="{{token.RequestToken}}">
                <label>Name <input name="name" autocomplete="username" required autofocus></label>
                <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
                <p role="alert">{{WebUtility.HtmlEncode(error)}}</p>
                <button>Sign in</button>
            </form>

            """, "text/html; charset=utf-8", statusCode: error is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);
    }
}
