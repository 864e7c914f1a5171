using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Uwsgi.Protocol.FunctionalTests.Routes;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Spawned;

/// <summary>The app is started by somebody else, who hands it a socket as descriptor 0: it serves that, and ends when it is told to.</summary>
public sealed class SpawnedAppTests
{
    private const string Ending = "Application is shutting down...";

    [FrontEndTheory("spawn-fcgi")]
    [CombinatorialData]
    public async Task Spawn_fcgi_starts_the_app(bool unix)
    {
        using var directory = new TemporaryDirectory();
        await using var app = Spawn(directory, unix, [], out var endPoint);
        using var route = new DirectRoute("spawn-fcgi", WireProtocol.FastCgi, endPoint);
        await OpensAsync(app, endPoint);

        await AnswersAsync(route);

        app.AskToEnd();
        using var patience = new CancellationTokenSource(Deadline.Default);
        await app.WaitForExitAsync(patience.Token);
        Assert.Equal(0, app.ExitCode);
    }

    [FrontEndTheory("spawn-fcgi")]
    [Trait("Guards", "only those on the list may decide who a user is")]
    [InlineData("192.0.2.1,127.0.0.1", false, true)]
    [InlineData("192.0.2.1", false, false)]
    [InlineData("127.0.0.1", true, false)] // a peer without an address is not among them
    public async Task Only_those_whom_FCGI_WEB_SERVER_ADDRS_names_may_connect(string addresses, bool unix, bool isAllowed)
    {
        using var directory = new TemporaryDirectory();
        await using var app = Spawn(directory, unix, new() { ["FCGI_WEB_SERVER_ADDRS"] = addresses }, out var endPoint);
        using var route = new DirectRoute("spawn-fcgi", WireProtocol.FastCgi, endPoint);
        await OpensAsync(app, endPoint);
        if (isAllowed)
        {
            await AnswersAsync(route);
        }
        else
        {
            await IsRefusedAsync(app, route);
        }
    }

    [Fact]
    [Trait("Guards", "only those on the list may decide who a user is")]
    public async Task On_a_port_for_all_protocols_FCGI_WEB_SERVER_ADDRS_is_about_those_who_speak_FastCGI()
    {
        using var directory = new TemporaryDirectory();
        var endPoint = new IPEndPoint(IPAddress.Loopback, FreePort.Next());
        await using var app = RunningProcess.Start(
            Programs.PathOf("dotnet"),
            [BuiltPrograms.ContractApp, "--urls", "http://127.0.0.1:0", "--gateway", $"{endPoint}"],
            directory.FullPath,
            Environment(directory, new() { ["FCGI_WEB_SERVER_ADDRS"] = "192.0.2.1" }));
        using var uwsgi = new DirectRoute("uwsgi", WireProtocol.Uwsgi, endPoint);
        using var http = new HttpRoute("HTTP", new Uri($"http://{endPoint}/"));
        using var fastCgi = new DirectRoute("FastCGI", WireProtocol.FastCgi, endPoint);
        await OpensAsync(app, endPoint);

        await AnswersAsync(uwsgi);
        await AnswersAsync(http);
        await IsRefusedAsync(app, fastCgi);
    }

    [FrontEndFact("lighttpd")]
    public async Task Lighttpd_starts_the_app_and_stops_it()
    {
        using var directory = new TemporaryDirectory();
        var site = Lighttpd.Spawning(BuiltPrograms.SpawnedContractApp, directory["app.sock"]);
        await using var lighttpd = await Lighttpd.StartAsync(site);
        using var route = new HttpRoute("lighttpd bin-path", site.Address);

        await AnswersAsync(route);

        Assert.DoesNotContain(Ending, lighttpd.Log, StringComparison.Ordinal);
        await lighttpd.StopAsync();
        Assert.Contains(Ending, lighttpd.Log, StringComparison.Ordinal);
    }

    [FrontEndFact("apache2", Apache.Fcgid)]
    public async Task Mod_fcgid_starts_the_app_and_stops_it()
    {
        // The process is not root's, and may not read what is.
        using var directory = new TemporaryDirectory();
        var copy = directory.Copy(Path.GetDirectoryName(BuiltPrograms.ContractApp)!, "app");
        var program = Path.Combine(copy, Path.GetFileName(BuiltPrograms.ContractApp));
        var site = Apache.Spawning($"{Programs.PathOf("dotnet")} {program} --spawned", program);
        await using var apache = await Apache.StartFcgidAsync(site);
        using var route = new HttpRoute("Apache mod_fcgid", site.Address);

        await AnswersAsync(route);

        // The path is what the client wrote, and the file that everything is below of is not a part of it.
        Assert.Contains("\"path\":\"/echo/a%2Fb c//d\",\"pathBase\":\"\"", await route.Client.GetStringAsync(route.Request(HttpMethod.Get, "/echo/a%2Fb%20c//d").RequestUri), StringComparison.Ordinal);

        await apache.StopAsync();
        Assert.Contains(Ending, apache.Log, StringComparison.Ordinal);
    }

    private static async Task AnswersAsync(Route route)
    {
        Assert.Equal("{\"id\":1,\"name\":\"grün\"}", await route.Client.GetStringAsync(new Uri(route.Address, "/json/1")));

        var body = RandomNumberGenerator.GetBytes(1_000_000);
        using var echo = await route.Client.PostAsync(new Uri(route.Address, $"/together/{Guid.NewGuid():N}?expected=1"), new ByteArrayContent(body));
        Assert.Equal(body, await echo.Content.ReadAsByteArrayAsync());

        var stream = await route.Client.GetByteArrayAsync(new Uri(route.Address, "/bytes/5000000?length=false"));
        Assert.Equal(5_000_000, stream.Length);
        Assert.Equal(-1, Array.FindIndex([.. stream.Select((value, at) => value == (byte)(at ^ (at >> 8) ^ (at >> 16)))], isRight => !isRight));

        var many = await Task.WhenAll(Enumerable.Range(0, 3).Select(id => route.Client.GetStringAsync(new Uri(route.Address, $"/echo/{id}"))));
        Assert.All(many, (answer, id) => Assert.Contains($"\"path\":\"/echo/{id}\"", answer, StringComparison.Ordinal));
    }

    private static async Task IsRefusedAsync(RunningProcess app, Route route)
    {
        await Assert.ThrowsAnyAsync<Exception>(() => route.Client.GetAsync(new Uri(route.Address, "/json/1")));
        await Deadline.UntilAsync("the app tells why", () => Task.FromResult(app.Output.Contains("FCGI_WEB_SERVER_ADDRS", StringComparison.Ordinal)));
    }

    private static Dictionary<string, string> Environment(TemporaryDirectory directory, Dictionary<string, string> more) =>
        new(more) { ["Logging__LogLevel__Uwsgi.Protocol"] = "Debug", ["HOME"] = directory.FullPath };

    private static RunningProcess Spawn(TemporaryDirectory directory, bool unix, Dictionary<string, string> environment, out EndPoint endPoint)
    {
        var port = FreePort.Next();
        endPoint = unix ? new UnixDomainSocketEndPoint(directory["app.sock"]) : new IPEndPoint(IPAddress.Loopback, port);
        return RunningProcess.Start(
            Programs.PathOf("spawn-fcgi"),
            ["-n", .. unix ? ["-s", directory["app.sock"]] : new[] { "-a", "127.0.0.1", "-p", $"{port}" }, "--", Programs.PathOf("dotnet"), BuiltPrograms.ContractApp, "--spawned"],
            directory.FullPath,
            Environment(directory, environment));
    }

    private static Task OpensAsync(RunningProcess app, EndPoint endPoint) => Deadline.UntilAsync($"the app opens {endPoint}", () =>
    {
        Assert.False(app.HasExited, app.Output);
        return Accepting.IsAsync(endPoint);
    });
}
