using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Uwsgi.Protocol.Requests;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Hosting;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Stats;

/// <summary>The stats as an endpoint of the app.</summary>
public class StatsEndpointTests
{
    [Fact]
    public async Task A_line_in_the_app_is_enough()
    {
        await using var app = await StartAsync();
        await app.AskAsync(Packets.Get("/"));
        await Eventually.TrueAsync(() => app.Host.Services.GetRequiredService<RequestTable>().Running == 0);
        using var client = new HttpClient();
        var answer = await client.GetAsync(app.HttpAddress + "/stats").Within();
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.ToString());
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        var worker = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("workers")[0];

        // Itself is running.
        Assert.Equal(1, worker.GetProperty("requests").GetInt32());
        Assert.Contains("REQUEST_URI=/stats", StatsApp.Variables(worker.GetProperty("cores")[0]));
    }

    [Fact]
    public async Task It_answers_by_uwsgi_too_and_HEAD_without_a_body()
    {
        await using var app = await StartAsync();
        var answer = await app.AskAsync(Packets.Get("/stats"));
        Assert.Equal(200, answer.Status);
        Assert.Equal(answer.Body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), answer["Content-Length"]);
        Assert.Equal("uwsgi", JsonDocument.Parse(answer.Body).RootElement.GetProperty("sockets")[1].GetProperty("proto").GetString());
        var head = await app.AskAsync(Packets.Request("HEAD", "/stats"));
        Assert.Equal((200, ""), (head.Status, head.Body));
        Assert.Equal(405, (await app.AskAsync(Packets.Post("", ("REQUEST_URI", "/stats")))).Status);
    }

    [Fact]
    public void Without_the_services_the_app_is_told_what_is_missing()
    {
        var app = WebApplication.CreateBuilder().Build();
        var error = Assert.Throws<InvalidOperationException>(() => app.MapUwsgiStats("/stats"));
        Assert.Contains("UseUwsgiStats()", error.Message, StringComparison.Ordinal);
    }

    private static Task<RunningApp> StartAsync() => RunningApp.StartAsync(
        WebApplication.CreateBuilder(),
        builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.WebHost.UseUwsgiProtocol(0);
        },
        app =>
        {
            app.MapGet("/", () => "hello");
            app.MapUwsgiStats("/stats");
        });
}
