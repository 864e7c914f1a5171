using Microsoft.Playwright;
using Uwsgi.Protocol.FunctionalTests.BehindNginx;
using Uwsgi.Protocol.FunctionalTests.Clients;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Blazor;

/// <summary>A click in a real browser goes to the server and comes back as a changed page.</summary>
[Collection(NginxCollection.Name)]
public sealed class BlazorServerTests(NginxFixture nginx)
{
    [FrontEndFact("chromium")]
    public async Task A_click_counts_by_HTTP()
    {
        await using var app = await ContractApp.StartAsync();
        await ClickAsync(app.Address);
    }

    [FrontEndTheory("nginx", "chromium")]
    [CombinatorialData]
    public Task A_click_counts_through_uwsgi_pass_and_scgi_pass(WireProtocol protocol, bool unix) => ClickAsync(nginx[protocol, unix].Address);

    private static async Task ClickAsync(Uri address)
    {
        await using var browser = await Browser.StartAsync();
        var page = await browser.OpenAsync(new Uri(address, "/counter"));
        var sockets = new List<string>();
        page.WebSocket += (_, socket) => sockets.Add(socket.Url);
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("#state")).ToHaveTextAsync("live");
        for (var i = 1; i <= 3; i++)
        {
            await page.ClickAsync("#more");
            await Assertions.Expect(page.Locator("#count")).ToHaveTextAsync($"Count: {i}");
        }

        Assert.Contains(sockets, socket => socket.Contains("/_blazor", StringComparison.Ordinal));
    }
}
