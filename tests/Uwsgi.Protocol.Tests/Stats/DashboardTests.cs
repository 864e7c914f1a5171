using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Hosting;

namespace Uwsgi.Protocol.Tests.Stats;

/// <summary>What the dashboard is made of, as a client gets it. What a browser makes of it is a functional test.</summary>
public sealed partial class DashboardTests
{
    private static readonly string[] Files = ["", "dashboard.css", "dashboard.js", "icon.svg", "stats.json"];

    [Theory]
    [InlineData("", "text/html; charset=utf-8")]
    [InlineData("dashboard.css", "text/css; charset=utf-8")]
    [InlineData("dashboard.js", "text/javascript; charset=utf-8")]
    [InlineData("icon.svg", "image/svg+xml")]
    public async Task A_file_has_its_type_and_may_run_nothing_but_files_beside_it(string name, string type)
    {
        await using var app = await StartAsync();
        using var client = NewClient(app);
        using var answer = await client.GetAsync($"uwsgi/{name}").Within();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType!.ToString());
        Assert.NotEmpty(await answer.Content.ReadAsByteArrayAsync());
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self'; ", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));

        using var again = new HttpRequestMessage(HttpMethod.Get, $"uwsgi/{name}");
        again.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
        using var unchanged = await client.SendAsync(again).Within();
        Assert.Equal(HttpStatusCode.NotModified, unchanged.StatusCode);
    }

    [Fact]
    public async Task The_figures_are_uwsgis_and_are_kept_nowhere()
    {
        await using var app = await StartAsync();
        using var client = NewClient(app);
        using var answer = await client.GetAsync("uwsgi/stats.json").Within();
        Assert.Equal("no-store", answer.Headers.CacheControl!.ToString());
        using var stats = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(Environment.ProcessId, stats.RootElement.GetProperty("pid").GetInt32());
    }

    [Theory]
    [InlineData("/uwsgi", "/uwsgi", "./uwsgi/")]
    [InlineData("/uwsgi", "/uwsgi?a=b%26c", "./uwsgi/?a=b%26c")]
    [InlineData("/admin/live", "/admin/live", "./live/")]
    [InlineData("/{tenant}/live", "/a%2Fb%22/live", "./live/")]
    [InlineData("/{page}", "/a:b%22%0D%0A", "./a:b%22%0D%0A/")]
    public async Task Without_its_last_slash_the_page_is_elsewhere_by_a_relative_address(string pattern, string target, string location)
    {
        await using var app = await StartAsync(pattern);
        using var client = NewClient(app);
        using var answer = await client.GetAsync(target).Within();
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.Equal(location, answer.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task The_page_may_be_the_apps_first()
    {
        await using var app = await StartAsync("/");
        using var client = NewClient(app);
        Assert.Contains("dashboard.js", await client.GetStringAsync("/").Within(), StringComparison.Ordinal);
        Assert.NotEmpty(await client.GetStringAsync("/dashboard.js").Within());
    }

    [Fact]
    public async Task What_is_demanded_of_the_page_is_demanded_of_all_below_it()
    {
        await using var app = await StartAsync(configure: page => page.RequireHost("inside.example"));
        using var client = NewClient(app);
        foreach (var file in Files)
        {
            using var answer = await client.GetAsync($"uwsgi/{file}").Within();
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            using var inside = new HttpRequestMessage(HttpMethod.Get, $"uwsgi/{file}") { Headers = { Host = "inside.example" } };
            using var allowed = await client.SendAsync(inside).Within();
            Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
        }
    }

    [Fact]
    public async Task Nothing_else_is_there()
    {
        await using var app = await StartAsync();
        using var client = NewClient(app);
        foreach (var name in new[] { "index.html", "../index.html", "dashboard", "%2e%2e/Uwsgi.Protocol.dll" })
        {
            using var answer = await client.GetAsync($"uwsgi/{name}").Within();
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        using var post = await client.PostAsync("uwsgi/stats.json", null).Within();
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
    }

    [Fact]
    public async Task The_page_names_no_other_place_and_has_no_script_of_its_own()
    {
        await using var app = await StartAsync();
        using var client = NewClient(app);
        foreach (var name in Files[..4])
        {
            var text = await client.GetStringAsync($"uwsgi/{name}").Within();
            Assert.All(Address().Matches(text), address => Assert.Equal("http://www.w3.org/2000/svg", address.Value));
        }

        var page = await client.GetStringAsync("uwsgi/").Within();
        Assert.DoesNotContain("<style", page, StringComparison.Ordinal);
        Assert.DoesNotContain("style=", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(" on[a-z]+=", page);
        Assert.Equal(page.Split("<script").Length, page.Split("<script src=\"dashboard.js\" defer></script>").Length);
        Assert.DoesNotMatch("innerHTML|outerHTML|insertAdjacentHTML|document\\.write|eval\\(", await client.GetStringAsync("uwsgi/dashboard.js").Within());
    }

    [Fact]
    public void Without_the_server_it_says_what_is_missing()
    {
        using var app = WebApplication.CreateBuilder().Build();
        Assert.Contains("UseUwsgiStats()", Assert.Throws<InvalidOperationException>(() => app.MapUwsgiDashboard()).Message, StringComparison.Ordinal);
    }

    private static Task<RunningApp> StartAsync(string pattern = "/uwsgi", Action<IEndpointConventionBuilder>? configure = null) => RunningApp.StartAsync(
        WebApplication.CreateBuilder(),
        static builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.WebHost.UseUwsgiProtocol(0);
        },
        app =>
        {
            var page = app.MapUwsgiDashboard(pattern);
            configure?.Invoke(page);
        });

    private static HttpClient NewClient(RunningApp app) =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(app.HttpAddress + "/") };

    [GeneratedRegex(@"\b(?:https?:)?//[\w.-]+\.[^\s'""`]+")]
    private static partial Regex Address();
}
