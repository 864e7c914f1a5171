using System.Net;
using System.Text.RegularExpressions;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Authorizer;

/// <summary>An app that guards a site of files: it is asked before each of them, and ASP.NET Core's authorization decides.</summary>
public sealed partial class AuthorizerTests
{
    private const string Members = "<h1>For members</h1>";
    private const string Staff = "<h1>The plan</h1>";
    private const string Forbidden = "This is not for you.\n";

    [FrontEndFact("lighttpd")]
    public async Task Behind_lighttpd_those_who_may_have_the_files_have_them()
    {
        await using var app = await AuthorizerApp.StartAsync();
        var site = Lighttpd.Guarding(app.Site, app.Port);
        await using var lighttpd = await Lighttpd.StartAsync(site);
        await GuardsAsync(site, lighttpd);
    }

    [FrontEndFact("apache2")]
    public async Task Behind_Apache_those_who_may_have_the_files_have_them()
    {
        await using var app = await AuthorizerApp.StartAsync();
        var site = Apache.Guarding(app.Site, app.Port);
        await using var apache = await Apache.StartAuthnzFcgiAsync(site);
        await GuardsAsync(site, apache);
    }

    [FrontEndFact("lighttpd")]
    public async Task Behind_lighttpd_an_app_hears_from_its_guard_who_it_is()
    {
        await using var app = await ContractApp.StartAsync();
        var site = Lighttpd.Guarding(app[WireProtocol.Uwsgi], app[WireProtocol.FastCgi]);
        await using var lighttpd = await Lighttpd.StartAsync(site);
        await TellsAsync(site);
    }

    [FrontEndFact("apache2")]
    public async Task Behind_Apache_an_app_hears_from_its_guard_who_it_is()
    {
        await using var app = await ContractApp.StartAsync();
        var site = Apache.Guarding(app[WireProtocol.Uwsgi], app[WireProtocol.FastCgi]);
        await using var apache = await Apache.StartAuthnzFcgiAsync(site);
        await TellsAsync(site);
    }

    private static async Task TellsAsync(Site site)
    {
        using var client = ClientOf(site);
        Assert.Equal("ann", await client.GetStringAsync(new Uri("/server-variables?name=REMOTE_USER&user=ann", UriKind.Relative)));
        Assert.Equal("R&D = 50 %", await client.GetStringAsync(new Uri("/server-variables?name=DEPARTMENT&user=ann", UriKind.Relative)));

        // What a client says of itself is not what the guard says.
        client.DefaultRequestHeaders.Add("Variable-REMOTE_USER", "root");
        client.DefaultRequestHeaders.Add("REMOTE_USER", "root");
        Assert.Equal("ann", await client.GetStringAsync(new Uri("/server-variables?name=REMOTE_USER&user=ann", UriKind.Relative)));

        // The body is the app's alone.
        var body = new byte[300_000];
        new Random(1).NextBytes(body);
        using (var posted = await client.PostAsync(new Uri($"/together/{Guid.NewGuid():N}?expected=1&user=bob", UriKind.Relative), new ByteArrayContent(body)))
        {
            Assert.Equal(body, await posted.Content.ReadAsByteArrayAsync());
        }

        using var refused = await client.PostAsync(new Uri("/count", UriKind.Relative), new ByteArrayContent(body));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.ToString());
        Assert.Equal("POST /count is for users only. A body of 0.\n", await refused.Content.ReadAsStringAsync());
    }

    private static async Task GuardsAsync(Site site, FrontEnd frontEnd)
    {
        using var anybody = ClientOf(site);
        using (var asked = await anybody.GetAsync(new Uri("/?x=1", UriKind.Relative)))
        {
            // The app's own answer, which the front end hands on.
            Assert.Equal(302, (int)asked.StatusCode);
            Assert.Equal($"{site.Address}account/sign-in?ReturnUrl=%2F%3Fx%3D1", asked.Headers.Location?.OriginalString);
        }

        // There is no telling them what is there.
        Assert.Equal(HttpStatusCode.Redirect, await StatusAsync(anybody, "/no-such-file"));

        using var bob = await SignInAsync(site, "bob", "/index.html");
        Assert.Contains(Members, await bob.GetStringAsync(new Uri("/", UriKind.Relative)), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(bob, "/no-such-file"));
        using (var file = await bob.GetAsync(new Uri("/index.html", UriKind.Relative)))
        {
            // The file's own answer, with nothing of the app's in it.
            Assert.Equal(200, (int)file.StatusCode);
            Assert.StartsWith("text/html", file.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
            Assert.Contains(Members, await file.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.DoesNotContain(file.Headers, header => header.Key.StartsWith("Variable-", StringComparison.OrdinalIgnoreCase));
        }

        // A path that a front end takes for the same file is the same file to the app.
        foreach (var path in new[] { "/staff/plan.html", "//staff/plan.html", "/x/../staff/plan.html", "/%73taff/plan.html", "/staff//plan.html", "/./staff/plan.html" })
        {
            using var refused = await bob.GetAsync(new Uri(site.Address.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
            Assert.Equal((path, HttpStatusCode.Forbidden, Forbidden), (path, refused.StatusCode, await refused.Content.ReadAsStringAsync()));
        }

        using var ann = await SignInAsync(site, "ann", "/staff/plan.html");
        Assert.Contains(Staff, await ann.GetStringAsync(new Uri("/staff/plan.html", UriKind.Relative)), StringComparison.Ordinal);

        // A body is not the authorizer's: it is neither sent nor waited for.
        using (var posted = await bob.PostAsync(new Uri("/staff/plan.html", UriKind.Relative), new ByteArrayContent(new byte[100_000])))
        {
            Assert.Equal(HttpStatusCode.Forbidden, posted.StatusCode);
        }

        // Many at a time, each with its own answer.
        var many = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => StatusAsync(i % 3 == 0 ? ann : i % 3 == 1 ? bob : anybody, "/staff/plan.html")));
        Assert.All(many, (status, i) => Assert.Equal(i % 3 == 0 ? HttpStatusCode.OK : i % 3 == 1 ? HttpStatusCode.Forbidden : HttpStatusCode.Redirect, status));

        // A cookie that is none opens nothing.
        using var forger = ClientOf(site);
        forger.DefaultRequestHeaders.Add("Cookie", ".AspNetCore.Cookies=forged");
        Assert.Equal(HttpStatusCode.Redirect, await StatusAsync(forger, "/"));
        Assert.False(frontEnd.HasEnded, frontEnd.Log);
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative));
        return response.StatusCode;
    }

    private static async Task<HttpClient> SignInAsync(Site site, string name, string wanted)
    {
        var client = ClientOf(site);
        var form = new Uri($"/account/sign-in?returnUrl={Uri.EscapeDataString(wanted)}", UriKind.Relative);
        var token = Token().Match(await client.GetStringAsync(form)).Groups[1].Value;
        using var wrong = await client.PostAsync(form, Fields("guessed"));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        using var right = await client.PostAsync(form, Fields(AuthorizerApp.Password));
        Assert.Equal(HttpStatusCode.Redirect, right.StatusCode);
        Assert.Equal(wanted, right.Headers.Location?.OriginalString);
        return client;

        FormUrlEncodedContent Fields(string password) =>
            new(new Dictionary<string, string> { ["__RequestVerificationToken"] = token, ["name"] = name, ["password"] = password });
    }

    private static HttpClient ClientOf(Site site) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = site.Address, Timeout = Deadline.Default };

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
