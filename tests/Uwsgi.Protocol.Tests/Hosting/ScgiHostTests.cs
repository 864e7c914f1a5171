using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Hosting;

/// <summary>SCGI endpoints: how they are opened, alone and beside others.</summary>
public class ScgiHostTests
{
    private const string AnyHttp = "http://127.0.0.1:0";
    private static readonly RequestBytes Scgi = new(GatewayProtocol.Scgi);

    [Fact]
    public async Task A_port_speaks_scgi_on_loopback()
    {
        await using var app = await TellingApp.StartAsync(builder => builder.WebHost.UseScgi(0));
        Assert.Equal(IPAddress.Loopback, Assert.IsType<IPEndPoint>(Assert.Single(app.ScgiEndPoints)).Address);
        await AssertSpeaksScgiAsync(app);
        Assert.Equal("http", await app.GetAsync());
    }

    [Fact]
    public async Task Options_open_scgi_endpoints_and_set_what_all_protocols_share()
    {
        var path = HostScenarioTests.SocketPath();
        await using var app = await TellingApp.StartAsync(builder => builder.WebHost.UseScgi(options =>
        {
            options.Listen(0);
            options.Listen(path);
            options.Limits.MaxRequestVariableCount = 30;
        }));
        Assert.Equal(2, app.ScgiEndPoints.Length);
        await AssertSpeaksScgiAsync(app);
        var many = Scgi.Get("/", [.. Enumerable.Range(0, 30).Select(i => ($"X{i}", ""))]);
        Assert.Equal(431, (await SocketPeer.AskAsync(app.ScgiEndPoints[0], many)).Status);
    }

    [Fact]
    public async Task Options_may_name_another_protocol_than_the_method()
    {
        await using var app = await TellingApp.StartAsync(builder =>
        {
            builder.WebHost.UseScgi(options => options.Listen(0, GatewayProtocol.Uwsgi));
            builder.WebHost.UseUwsgiProtocol(options => options.Listen("127.0.0.1:0", GatewayProtocol.Scgi));
        });
        Assert.Equal("Uwsgi", (await app.AskAsync(Packets.Get())).Body);
        await AssertSpeaksScgiAsync(app);
    }

    [Fact]
    public async Task All_protocols_serve_one_app()
    {
        await using var app = await TellingApp.StartAsync(builder =>
        {
            builder.WebHost.UseScgi(0);
            builder.WebHost.UseUwsgiProtocol(0);
            builder.WebHost.UseScgi(HostScenarioTests.SocketPath());
            builder.WebHost.UseUwsgiProtocol(HostScenarioTests.SocketPath());
        });
        Assert.Equal(2, app.EndPoints.Length);
        Assert.Equal(2, app.ScgiEndPoints.Length);
        foreach (var endPoint in app.EndPoints)
        {
            Assert.Equal("Uwsgi", (await SocketPeer.AskAsync(endPoint, Packets.Get())).Body);
        }

        await AssertSpeaksScgiAsync(app);
        Assert.Equal("http", await app.GetAsync());
    }

    [Fact]
    public async Task Urls_may_name_scgi_endpoints()
    {
        await using var app = await TellingApp.StartAsync(builder =>
        {
            builder.WebHost.UseUrls($"{AnyHttp};scgi://127.0.0.1:0;SCGI://unix:{HostScenarioTests.SocketPath()};uwsgi://127.0.0.1:0");
            builder.WebHost.UseUwsgiProtocol();
        });
        Assert.Equal(2, app.ScgiEndPoints.Length);
        Assert.Single(app.EndPoints);
        await AssertSpeaksScgiAsync(app);
        Assert.Equal("http", await app.GetAsync());
    }

    [Fact]
    public async Task An_endpoint_of_the_apps_own_kestrel_may_speak_scgi_beside_one_that_speaks_uwsgi()
    {
        await using var app = await TellingApp.StartAsync(builder =>
        {
            builder.WebHost.UseUwsgiProtocol();
            builder.WebHost.ConfigureKestrel(kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, 0);
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseUwsgi());
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseScgi());
                kestrel.ListenUnixSocket(HostScenarioTests.SocketPath(), listen => listen.UseScgi());
            });
        });
        Assert.Equal(2, app.ScgiEndPoints.Length);
        await AssertSpeaksScgiAsync(app);
        Assert.Equal("Uwsgi", (await app.AskAsync(Packets.Get())).Body);
        Assert.Equal("http", await app.GetAsync());
    }

    [Fact]
    public async Task The_endpoint_of_an_app_made_ready_by_UseScgi_may_speak_scgi()
    {
        await using var app = await TellingApp.StartAsync(builder =>
        {
            builder.WebHost.UseScgi(static _ => { });
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseScgi()));
        });
        await AssertSpeaksScgiAsync(app);
    }

    [Fact]
    public async Task UseScgi_on_an_endpoint_without_the_hosts_readiness_is_an_error_that_says_what_to_do()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => TellingApp.StartAsync(
            builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseScgi()))));
        Assert.StartsWith("UseScgi() needs", exception.Message, StringComparison.Ordinal);
        Assert.Contains("call builder.WebHost.UseUwsgiProtocol()", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_address_is_refused_where_it_is_written()
    {
        var builder = WebApplication.CreateBuilder();
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.WebHost.UseScgi(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.WebHost.UseScgi(65536));
        Assert.Throws<FormatException>(() => builder.WebHost.UseScgi("nonsense"));
        await Assert.ThrowsAsync<FormatException>(() => TellingApp.StartAsync(other =>
        {
            other.WebHost.UseUrls("scgi://nonsense");
            other.WebHost.UseUwsgiProtocol();
        }));
    }

    [Fact]
    public async Task A_port_in_use_is_named_with_its_protocol()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        var exception = await Assert.ThrowsAsync<IOException>(() => TellingApp.StartAsync(builder => builder.WebHost.UseScgi(port)));
        Assert.Contains($"scgi://127.0.0.1:{port}", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Guards", "an open port is asked for by name, and warned of")]
    public async Task An_address_that_others_can_reach_is_warned_of()
    {
        await using var app = await TellingApp.StartAsync(builder => builder.WebHost.UseScgi("0.0.0.0:0"));
        var warning = Assert.Single(app.Logs.Of("ReachableFromOutside"));
        Assert.Equal(LogLevel.Warning, warning.Level);
        Assert.Contains("scgi://0.0.0.0:", warning.Message, StringComparison.Ordinal);
    }

    private static async Task AssertSpeaksScgiAsync(RunningApp app)
    {
        Assert.NotEmpty(app.ScgiEndPoints);
        foreach (var endPoint in app.ScgiEndPoints)
        {
            var received = await SocketPeer.AskAsync(endPoint, Scgi.Get());
            Assert.Equal(("Status: 200 OK", "Scgi"), (received.StatusLine, received.Body));
        }
    }
}
