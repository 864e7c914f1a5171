using System.Text.RegularExpressions;

namespace Uwsgi.Protocol.FunctionalTests.Contract.Cases;

/// <summary>Razor pages, and the antiforgery tokens of pages and of minimal APIs.</summary>
internal static partial class PageCases
{
    private const string Area = "Razor pages";

    public static IEnumerable<ContractCase> All() =>
    [
        new(Area, "shows a form", visit => visit.GetAsync("/pages/form")),
        new(Area, "takes a form with its token", async visit =>
        {
            var page = await visit.AskQuietlyAsync(HttpMethod.Get, "/pages/form");
            await visit.PostAsync("/pages/form", new FormUrlEncodedContent(
                [new("name", "Jörg <b>"), new("__RequestVerificationToken", Token().Match(page.Text).Groups[1].Value)]));
        }),
        new(Area, "refuses a form without its token", visit => visit.PostAsync("/pages/form", new FormUrlEncodedContent([new("name", "nobody")]))),
        new("antiforgery", "takes a form with its token", async visit =>
        {
            var token = await visit.AskQuietlyAsync(HttpMethod.Get, "/antiforgery/token");
            await visit.PostAsync("/antiforgery/form", new FormUrlEncodedContent([new("text", "yes"), new("__RequestVerificationToken", token.Text)]));
        }),
        new("antiforgery", "refuses a form without its token", visit => visit.PostAsync("/antiforgery/form", new FormUrlEncodedContent([new("text", "no")]))),
        new("antiforgery", "refuses another visitor's token", async visit =>
        {
            using var other = new Visit(visit.Route);
            var token = await other.AskQuietlyAsync(HttpMethod.Get, "/antiforgery/token");
            await visit.AskQuietlyAsync(HttpMethod.Get, "/antiforgery/token");
            await visit.PostAsync("/antiforgery/form", new FormUrlEncodedContent([new("text", "no"), new("__RequestVerificationToken", token.Text)]));
        }),
        new("Blazor", "prerenders", async visit =>
        {
            var page = await visit.AskQuietlyAsync(HttpMethod.Get, "/counter");
            visit.Note($"{page.Status} {page["Content-Type"]} {Regex.Count(page.Text, "Count: 0")} {Regex.Count(page.Text, "prerendered")} {Regex.Count(page.Text, "blazor.web.js")}");
        }),
        new("Blazor", "its script", visit => visit.GetAsync("/_framework/blazor.web.js")),
    ];

    [GeneratedRegex("""name="__RequestVerificationToken" type="hidden" value="([^"]+)""")]
    private static partial Regex Token();
}
