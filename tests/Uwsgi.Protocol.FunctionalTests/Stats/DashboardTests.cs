using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Uwsgi.Protocol.FunctionalTests.Clients;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Stats;

/// <summary>The dashboard in a real browser, by HTTP and behind nginx.</summary>
public sealed partial class DashboardTests
{
    // WCAG 2.1, success criterion 1.4.3.
    private const string TextsOfTooLittleContrast = """
        () => {
          const channels = color => color.match(/[\d.]+/g).map(Number);
          const light = color => {
            const [r, g, b] = channels(color).map(value => value / 255).map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const behind = element => {
            for (; element; element = element.parentElement) {
              const color = getComputedStyle(element).backgroundColor;
              if ((channels(color)[3] ?? 1) > 0) return color;
            }
          };
          return [...document.body.querySelectorAll('*')]
            .filter(element => element.checkVisibility() && [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim()))
            .map(element => {
              const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
              return { text: element.textContent.trim(), ratio: (a + 0.05) / (b + 0.05) };
            })
            .filter(found => found.ratio < 4.5)
            .map(found => `${found.text}: ${found.ratio.toFixed(2)}`);
        }
        """;

    [FrontEndTheory("nginx", "chromium")]
    [InlineData(null, "Auto")]
    [InlineData(WireProtocol.Uwsgi, "Direct")]
    [InlineData(WireProtocol.Scgi, "Kestrel")]
    [InlineData(WireProtocol.FastCgi, "Direct")]
    public async Task It_shows_what_happens_and_asks_nobody_but_its_own_server(WireProtocol? behindNginxBy, string transport)
    {
        await using var app = await ContractApp.StartAsync(transport, "--dashboard", "/admin/live");
        var site = Nginx.Before(app[behindNginxBy ?? WireProtocol.Uwsgi]);
        await using var nginx = await Nginx.StartAsync(site);
        var address = behindNginxBy is null ? app.Address : site.Address;
        await using var browser = await Browser.StartAsync();
        var page = await browser.NewPageAsync(new());
        var complaints = new List<string>();
        var asked = new List<string>();
        page.Console += (_, message) => complaints.Add($"{message.Type}: {message.Text}");
        page.PageError += (_, error) => complaints.Add(error);
        page.Request += (_, request) => asked.Add(request.Url);
        await page.GotoAsync(new Uri(address, "/admin/live").AbsoluteUri);
        await Assertions.Expect(page.Locator("#state-text")).ToHaveTextAsync("Live");
        await Assertions.Expect(page.Locator("#nothing")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("#sockets li")).Not.ToHaveCountAsync(0);

        // The page itself is asked for all the time, and is not among what it shows.
        var rate = page.Locator(".figure", new() { HasText = "Requests per second" });
        await Assertions.Expect(rate.Locator(".value")).ToHaveTextAsync("0/s");
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => client.GetStringAsync(new Uri(address, "/text.txt"))));
        await Assertions.Expect(rate.Locator(".aside")).ToHaveTextAsync(Many());
        await Assertions.Expect(rate.Locator(".line")).ToHaveAttributeAsync("d", Drawn());

        var gate = Guid.NewGuid().ToString("n");
        var target = $"/wait/{gate}?<script>window.forged=1</script><img/src=x/onerror=window.forged=1>&quot;";
        using var raw = await SendAsync(address, target);
        await Assertions.Expect(page.Locator("td.uri")).ToHaveTextAsync(target);
        await Assertions.Expect(page.Locator("td.method")).ToHaveTextAsync("GET");
        await Assertions.Expect(page.Locator("td.client")).ToHaveTextAsync("127.0.0.1");
        await Assertions.Expect(page.Locator(".figure", new() { HasText = "In flight" }).Locator(".value")).ToHaveTextAsync("1");
        Assert.Equal(0, await page.Locator("#rows script, #rows img").CountAsync());
        Assert.False(await page.EvaluateAsync<bool>("() => 'forged' in window"));

        await page.ClickAsync("#pause");
        await Assertions.Expect(page.Locator("#state-text")).ToHaveTextAsync("Paused");
        using var opened = await client.PostAsync(new Uri(address, $"/gates/{gate}"), new StringContent("go"));
        await Assertions.Expect(page.Locator("td.uri")).ToHaveTextAsync(target);
        await page.ClickAsync("#pause");
        await Assertions.Expect(page.Locator("#nothing")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("td.uri")).ToHaveCountAsync(0);

        Assert.Empty(complaints);
        Assert.All(asked, url => Assert.StartsWith(address.AbsoluteUri, url, StringComparison.Ordinal));
        Assert.Contains(asked, url => url.Contains("/admin/live/stats.json", StringComparison.Ordinal));
    }

    [FrontEndTheory("chromium")]
    [CombinatorialData]
    public async Task It_can_be_read_on_a_telephone_and_on_a_wide_screen_by_day_and_by_night(bool wide, bool dark)
    {
        await using var app = await ContractApp.StartAsync("Auto", "--dashboard", "/uwsgi");
        await using var browser = await Browser.StartAsync();
        var page = await browser.NewPageAsync(new()
        {
            ViewportSize = new() { Width = wide ? 1360 : 360, Height = 900 },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
        });
        var gates = Enumerable.Range(0, 3).Select(_ => Guid.NewGuid().ToString("n")).ToArray();
        var waiting = await Task.WhenAll(gates.Select((gate, i) => SendAsync(app.Address, $"/wait/{gate}?{string.Concat(Enumerable.Repeat("long/", 40 * i))}")));
        await page.GotoAsync(new Uri(app.Address, "/uwsgi").AbsoluteUri);
        await Assertions.Expect(page.Locator("td.uri")).ToHaveCountAsync(3);

        Assert.Equal(wide ? 1360 : 360, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
        Assert.Empty(await page.EvaluateAsync<string[]>(TextsOfTooLittleContrast));
        Assert.Equal("none", await page.EvaluateAsync<string>("() => getComputedStyle(document.querySelector('.dot')).animationName"));
        Assert.All(await page.Locator("[role=img]").AllAsync(), chart => Assert.NotEqual("", chart.GetAttributeAsync("aria-label").Result));
        await page.ScreenshotAsync(new() { Path = RepositoryPath.Of("artifacts", $"dashboard-{(wide ? "wide" : "360")}-{(dark ? "dark" : "light")}.png"), FullPage = true });
        Array.ForEach(waiting, connection => connection.Dispose());
    }

    /// <summary>A request whose target is sent as it is, which no proper client would do.</summary>
    private static async Task<TcpClient> SendAsync(Uri address, string target)
    {
        var connection = new TcpClient();
        await connection.ConnectAsync(address.Host, address.Port);
        await connection.GetStream().WriteAsync(Encoding.Latin1.GetBytes($"GET {target} HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: close\r\n\r\n"));
        return connection;
    }

    [GeneratedRegex("^highest [1-9][0-9]")]
    private static partial Regex Many();

    [GeneratedRegex("^M[0-9.]+ [0-9.]+L")]
    private static partial Regex Drawn();
}
