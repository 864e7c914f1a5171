using Microsoft.Playwright;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Clients;

/// <summary>The system's chromium, without a window, that calls nobody but who the test tells it to.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private static readonly string[] Quiet =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ];

    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;

    private Browser(IPlaywright playwright, IBrowser browser) => (_playwright, _browser) = (playwright, browser);

    public static async Task<Browser> StartAsync()
    {
        var playwright = await Playwright.CreateAsync();
        try
        {
            return new Browser(playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Programs.PathOf("chromium"), Args = Quiet }));
        }
        catch
        {
            playwright.Dispose();
            throw;
        }
    }

    public Task<IPage> OpenAsync(Uri address) => OpenAsync(address.AbsoluteUri);

    /// <summary>An empty page, before it has asked for anything.</summary>
    public Task<IPage> NewPageAsync(BrowserNewPageOptions options) => _browser.NewPageAsync(options);

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private async Task<IPage> OpenAsync(string address)
    {
        var page = await _browser.NewPageAsync();
        await page.GotoAsync(address);
        return page;
    }
}
