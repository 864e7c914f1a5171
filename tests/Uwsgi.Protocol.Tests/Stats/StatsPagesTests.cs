using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Uwsgi.Protocol.Requests;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Hosting;

namespace Uwsgi.Protocol.Tests.Stats;

/// <summary>The stats and the dashboard as pages of the app, whichever way they are asked for.</summary>
public class StatsPagesTests
{
    [Theory]
    [EveryWay(OverHttp = true)]
    public async Task They_answer_and_count_what_came_by_the_same_way(GatewayProtocol? protocol, GatewayTransport transport)
    {
        await using var app = await RunningApp.StartAsync(protocol, transport, static app =>
        {
            app.MapUwsgiStats("/stats");
            app.MapUwsgiDashboard("/live");
            app.MapGet("/", static () => "hello");
        });
        var table = app.Host.Services.GetRequiredService<RequestTable>();
        Assert.Equal("hello", (await app.AskAsync(protocol, "/")).Body);
        foreach (var (asked, target) in ((int, string)[])[(1, "/stats"), (2, "/live/stats.json")])
        {
            await Eventually.TrueAsync(() => table.ReadTotal().Requests == asked);
            var answer = await app.AskAsync(protocol, target);
            Assert.Equal((200, "application/json", "no-store"), (answer.Status, answer["Content-Type"], answer["Cache-Control"]));
            var stats = JsonDocument.Parse(answer.Body).RootElement;
            Assert.Contains($"{protocol?.ToString() ?? "http"}".ToLowerInvariant(), stats.GetProperty("sockets").EnumerateArray().Select(static socket => socket.GetProperty("proto").GetString()));
            Assert.Equal(asked, stats.GetProperty("workers")[0].GetProperty("requests").GetInt32());

            // Itself is running.
            Assert.Contains($"REQUEST_URI={target}", StatsApp.Variables(Assert.Single(StatsApp.CoresInUse(stats))));
        }

        var page = await app.AskAsync(protocol, "/live/");
        Assert.Equal((200, "text/html; charset=utf-8"), (page.Status, page["Content-Type"]));
        Assert.Contains("<script src=\"dashboard.js\" defer></script>", page.Body, StringComparison.Ordinal);
        var script = await app.AskAsync(protocol, "/live/dashboard.js");
        Assert.Equal((200, script["Content-Length"]), (script.Status, $"{script.Body.Length}"));
        Assert.Equal(304, (await app.AskAsync(protocol, "/live/dashboard.js", ("If-None-Match", script["ETag"]!))).Status);
        var folder = await app.AskAsync(protocol, "/live?a");
        Assert.Contains("Location: ./live/?a", folder.Head.Split("\r\n"));
    }
}
