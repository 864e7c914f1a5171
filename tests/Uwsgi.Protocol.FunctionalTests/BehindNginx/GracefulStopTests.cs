using Uwsgi.Protocol.FunctionalTests.Routes;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.BehindNginx;

/// <summary>Each stops an app of its own.</summary>
public sealed class GracefulStopTests
{
    [FrontEndTheory("nginx")]
    [CombinatorialData]
    public async Task A_request_in_flight_is_answered_when_the_app_is_told_to_stop(WireProtocol protocol, bool unix)
    {
        await using var app = await ContractApp.StartAsync();
        var site = Nginx.Before(app[protocol], unix);
        await using var nginx = await Nginx.StartAsync(site);
        using var route = new HttpRoute("nginx", site.Address);
        var key = Guid.NewGuid().ToString("n");
        var inFlight = route.Client.GetAsync(new Uri(route.Address, $"/until-stopping/{key}"));
        await Deadline.UntilAsync("the request is in flight", async () => await route.Client.GetStringAsync(new Uri(route.Address, $"/journal/{key}")) == "waiting");

        app.Process.AskToEnd();

        using var response = await inFlight;
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("answered while stopping", await response.Content.ReadAsStringAsync());

        using var patience = new CancellationTokenSource(Deadline.Default);
        await app.Process.WaitForExitAsync(patience.Token);
        Assert.Equal(0, app.Process.ExitCode);
        Assert.False(File.Exists(app[protocol].Socket), "The socket's file is still there.");

        using var late = await route.Client.GetAsync(new Uri(route.Address, "/json/1"));
        Assert.Equal(502, (int)late.StatusCode);
    }
}
