using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Hosting;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Stats;

/// <summary>The same figures by a meter.</summary>
public class StatsMeterTests
{
    [Fact]
    public async Task The_figures_are_measured_when_a_collector_asks()
    {
        var inside = new SyncPoint();
        await using var app = await StatsApp.StartAsync(context => context.Request.Path.Value switch
        {
            "/slow" => inside.MeetAsync(),
            "/fail" => throw new InvalidOperationException("the app's"),
            _ => context.Response.WriteAsync("hello"),
        });
        app.App.Logs.Expect(entry => entry.Exception?.Message == "the app's");
        var sent = (await app.App.AskAsync(Packets.Get())).Bytes.Length + (await app.App.AskAsync(Packets.Get("/fail"))).Bytes.Length;
        var slow = await app.BeginAsync(GatewayProtocol.Uwsgi, "/slow");
        await inside.Reached;
        await app.EndedAsync(2);

        using var meters = new MeterCapture(meter => meter.Scope == app.App.Host.Services.GetRequiredService<IMeterFactory>());
        meters.Observe();
        var worker = (await app.ReadAsync()).GetProperty("workers")[0];
        inside.Continue();
        await slow;

        Assert.Equal(2, meters.Sum("uwsgi_protocol.requests"));
        Assert.Equal(1, meters.Sum("uwsgi_protocol.active_requests"));
        Assert.Equal(1, meters.Sum("uwsgi_protocol.exceptions"));
        Assert.Equal(0, meters.Sum("uwsgi_protocol.read_errors"));
        Assert.Equal(0, meters.Sum("uwsgi_protocol.write_errors"));
        Assert.Equal(sent, meters.Sum("uwsgi_protocol.sent"));
        Assert.Equal(worker.GetProperty("running_time").GetInt64() / 1e6, meters.Sum("uwsgi_protocol.running_time"));
        Assert.Equal(worker.GetProperty("avg_rt").GetInt64() / 1e6, meters.Sum("uwsgi_protocol.average_time"));
        Assert.Equal(["http", "uwsgi", "scgi", "fastcgi"], meters.Of("uwsgi_protocol.listen_queue").Select(measured => measured["network.protocol.name"]));
        Assert.Equal(
            app.App.Addresses.Select(address => address.Split("://")[1]),
            meters.Of("uwsgi_protocol.listen_queue.limit").Select(measured => measured["server.address"]));
        if (OperatingSystem.IsLinux())
        {
            Assert.All(meters.Of("uwsgi_protocol.listen_queue.limit"), measured => Assert.True(measured.Value >= 512));
        }
    }
}
