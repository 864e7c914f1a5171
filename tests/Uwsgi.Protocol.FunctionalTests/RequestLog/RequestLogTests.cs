using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.RequestLog;

/// <summary>The request log behind a real nginx, and beside that of a real uWSGI.</summary>
public sealed partial class RequestLogTests : IDisposable
{
    // All that is the same wherever a request came to.
    private const string Format =
        """%(addr) - %(user) [%(ltime)] "%(method) %(uri) %(proto)" %(status) "%(referer)" "%(uagent)" %(vars) %(pktsize) %(cl) %(modifier1) %(modifier2) %(wid) %(var.HTTP_X_TEST) %(var.HTTP_NONE) %(nobody) %(werr)""";

    private readonly TemporaryDirectory _directory = new();

    private string File => _directory["requests.log"];

    [FrontEndTheory("nginx", "uwsgi")]
    [InlineData(null)]
    [InlineData(Format)]
    public async Task A_requests_line_is_the_one_that_uWSGI_writes(string? format)
    {
        var uwsgiFile = _directory["uwsgi.log"];
        var port = FreePort.Next();
        string[] formatOfUwsgi = format is null ? [] : ["--log-format", format];
        await using var uwsgi = RunningProcess.Start(
            Programs.PathOf("uwsgi"),
            ["--uwsgi-socket", $"127.0.0.1:{port}", "--plugin", "notfound", "--notfound-log", "--die-on-term", "--buffer-size", "32768", "--logto", uwsgiFile, .. formatOfUwsgi],
            _directory.FullPath);
        string[] formatOfOurs = format is null ? [] : ["--request-log-format", format];
        await using var app = await ContractApp.StartAsync("Auto", ["--request-log", File, .. formatOfOurs]);
        Site[] sites = [Nginx.Before(new AppEndpoint(WireProtocol.Uwsgi, $"{port}", "")), Nginx.Before(app[WireProtocol.Uwsgi])];
        await using var nginx = await Nginx.StartAsync(sites);
        await Deadline.UntilAsync("uWSGI accepts", () => Accepting.IsAsync(new IPEndPoint(IPAddress.Loopback, port)));

        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        foreach (var site in sites)
        {
            await AskAsync(client, site);
        }

        await Deadline.UntilAsync($"both have four lines\n{uwsgi.Output}", () => Task.FromResult(LinesOf(File).Length >= 4 && LinesOf(uwsgiFile).Length >= 4));
        Assert.Equal(Comparable(LinesOf(uwsgiFile)), Comparable(LinesOf(File)));
    }

    [FrontEndTheory("nginx")]
    [InlineData("Auto")]
    [InlineData("Kestrel")]
    public async Task Every_request_has_its_line_whichever_way_it_came_and_however_it_ended(string transport)
    {
        await using var app = await ContractApp.StartAsync(transport, "--request-log", File, "--request-log-format", "%(method) %(uri) %(status) %(end)");
        var sites = (from protocol in Enum.GetValues<WireProtocol>() from unix in new[] { false, true } select Nginx.Before(app[protocol], unix)).ToList();
        await using var nginx = await Nginx.StartAsync([.. sites]);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var expected = new List<string>();
        for (var i = 0; i < sites.Count; i++)
        {
            _ = await client.GetStringAsync(new Uri(sites[i].Address, $"/text.txt?{i}"));
            expected.Add($"GET /text.txt?{i} 200 Completed");
            using var failed = await client.GetAsync(new Uri(sites[i].Address, $"/none?{i}"));
            expected.Add($"GET /none?{i} 404 Completed");

            var gate = $"gate-{i}";
            using var gone = new CancellationTokenSource();
            var waiting = client.GetAsync(new Uri(sites[i].Address, $"/wait/{gate}?failing=true"), gone.Token);
            await Deadline.UntilAsync("the request waits", async () => await client.GetStringAsync(new Uri(app.Address, $"/journal/{gate}")) == "waiting");
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
            expected.Add($"GET /wait/{gate}?failing=true 499 PeerGone");
        }

        _ = await client.GetStringAsync(new Uri(app.Address, "/text.txt?http"));
        expected.Add("GET /text.txt?http 200 Completed");
        await Deadline.UntilAsync("every request has its line", () => Task.FromResult(Logged().Count >= expected.Count));
        Assert.Equal(expected.Order(), Logged().Order());

        List<string> Logged() => [.. LinesOf(File).Where(line => !line.Contains("/journal/", StringComparison.Ordinal))];
    }

    public void Dispose() => _directory.Dispose();

    private static async Task AskAsync(HttpClient client, Site site)
    {
        foreach (var (method, target, name, value) in new[]
        {
            (HttpMethod.Get, "/none/a?b=c", "X-Test", "one"),
            (HttpMethod.Get, "/none/a%20b/%C3%A9", "Referer", "http://example.org/from?x=y"),
            (HttpMethod.Post, "/none", "User-Agent", "Mozilla/5.0 (X11; Linux x86_64) Chrome/1.0"),
            (HttpMethod.Delete, "/none/42", "Cookie", "a=b; c=d"),
        })
        {
            using var request = new HttpRequestMessage(method, new Uri(site.Address, target));
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
            request.Content = method == HttpMethod.Post ? new StringContent("a=b", Encoding.ASCII) : null;
            using var answer = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    /// <summary>Without what one server or one moment has to itself: pid, app, times, the answer, the core (it may overlap with the end of the one before), and the order.</summary>
    private static string Comparable(string[] lines) => string.Join('\n', lines.Select(Comparable).Order());

    private static string Comparable(string line)
    {
        line = Time().Replace(line, "[time]");
        line = Process().Replace(line, "[pid: _|app: _|req: _/_]");
        return Answer().Replace(line, "generated _ bytes in _ msecs (HTTP/1.1 404) _ headers in _ bytes (_ switches on core _)");
    }

    private static string[] LinesOf(string file) =>
        System.IO.File.Exists(file) ? [.. System.IO.File.ReadAllLines(file).Where(line => line.Contains("none", StringComparison.Ordinal) || line.Contains("/text.txt", StringComparison.Ordinal) || line.Contains("/wait/", StringComparison.Ordinal))] : [];

    [GeneratedRegex(@"^\[pid: \d+\|app: -?\d+\|req: -?\d+/\d+\]")]
    private static partial Regex Process();

    [GeneratedRegex(@"\[(?:\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}|\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+\d{4})\]")]
    private static partial Regex Time();

    [GeneratedRegex(@"generated \d+ bytes in \d+ msecs \(HTTP/1\.1 404\) \d+ headers in \d+ bytes \(\d+ switches on core \d+\)")]
    private static partial Regex Answer();
}
