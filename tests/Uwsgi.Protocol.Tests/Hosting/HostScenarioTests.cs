using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Hosting;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Hosting;

/// <summary>Every way of building a host, and every order.</summary>
public class HostScenarioTests
{
    private const string AnyHttp = "http://127.0.0.1:0";

    [Fact]
    public async Task CreateBuilder_serves_both()
    {
        await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUrls(AnyHttp);
            builder.WebHost.UseUwsgiProtocol(0);
        });
        await AssertServesBothAsync(app);
    }

    [Fact]
    public async Task CreateSlimBuilder_serves_both()
    {
        await using var app = await RunningApp.StartAsync(WebApplication.CreateSlimBuilder(), builder =>
        {
            builder.WebHost.UseUrls(AnyHttp);
            builder.WebHost.UseUwsgiProtocol("127.0.0.1:0");
        });
        await AssertServesBothAsync(app);
    }

    [Fact]
    public async Task CreateEmptyBuilder_without_a_server_serves_front_ends_alone()
    {
        await using var app = await RunningApp.StartAsync(
            WebApplication.CreateEmptyBuilder(new()), builder => builder.WebHost.UseUwsgiProtocol(0));
        Assert.Equal("hello", (await app.AskAsync(Packets.Get())).Body);
        Assert.StartsWith("uwsgi://127.0.0.1:", Assert.Single(app.Addresses), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateEmptyBuilder_with_UseKestrelCore_serves_both()
    {
        await using var app = await RunningApp.StartAsync(WebApplication.CreateEmptyBuilder(new()), builder =>
        {
            builder.WebHost.UseKestrelCore();
            builder.WebHost.UseUrls(AnyHttp);
            builder.WebHost.UseUwsgiProtocol(0);
        });
        await AssertServesBothAsync(app);
    }

    [Fact]
    public async Task UseKestrel_behind_ours_is_an_error_that_says_what_to_do()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUrls(AnyHttp);
            builder.WebHost.UseUwsgiProtocol(0);
            builder.WebHost.UseKestrel();
        }));
        Assert.Contains("Move UseUwsgiProtocol() after UseKestrel().", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_call_behind_UseKestrel_heals_it()
    {
        await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUrls(AnyHttp);
            builder.WebHost.UseUwsgiProtocol(0);
            builder.WebHost.UseKestrel();
            builder.WebHost.UseUwsgiProtocol();
        });
        await AssertServesBothAsync(app);
    }

    [Fact]
    public async Task ConfigureKestrel_behind_ours_is_harmless()
    {
        await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUrls(AnyHttp);
            builder.WebHost.UseUwsgiProtocol(0);
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        });
        await AssertServesBothAsync(app);
        Assert.Null((await app.AskAsync(Packets.Get()))["Server"]);
    }

    [Fact]
    public async Task ConfigureWebHostDefaults_serves_both()
    {
        var logs = new LogCapture();
        var host = Host.CreateDefaultBuilder()
            .ConfigureWebHostDefaults(web => web
                .UseUrls(AnyHttp)
                .UseUwsgiProtocol(0)
                .Configure(app => app.Run(context => context.Response.WriteAsync("hello"))))
            .ConfigureLogging(logging => logging.ClearProviders().AddProvider(logs))
            .Build();
        await using var running = await RunningApp.StartAsync(host, logs);
        await AssertServesBothAsync(running);
    }

    [Fact]
    public async Task ConfigureWebHost_in_the_wrong_order_is_an_error_that_says_what_to_do()
    {
        var host = new HostBuilder()
            .ConfigureWebHost(web => web
                .UseUrls(AnyHttp)
                .UseUwsgiProtocol(0)
                .UseKestrel()
                .Configure(app => app.Run(static _ => Task.CompletedTask)))
            .Build();
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningApp.StartAsync(host, new LogCapture()));
        Assert.Contains("Move UseUwsgiProtocol() after UseKestrel().", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConfigureWebHost_in_the_right_order_serves_both()
    {
        var host = new HostBuilder()
            .ConfigureWebHost(web => web
                .UseKestrel()
                .UseUrls(AnyHttp)
                .UseUwsgiProtocol(0)
                .Configure(app => app.Run(context => context.Response.WriteAsync("hello"))))
            .Build();
        await using var running = await RunningApp.StartAsync(host, new LogCapture());
        await AssertServesBothAsync(running);
    }

    [Fact]
    public async Task A_test_server_passes_with_our_endpoints_closed()
    {
        var port = FreePort();
        await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUwsgiProtocol(port);
            builder.WebHost.UseTestServer();
        });
        using var client = app.Host.GetTestClient();
        Assert.Equal("hello", await client.GetStringAsync("/"));
        await Assert.ThrowsAsync<SocketException>(() => SocketPeer.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port)));
        Assert.Equal(LogLevel.Debug, Assert.Single(app.Logs.Of("Replaced")).Level);
    }

    [Fact]
    public async Task Calls_add_up_to_several_endpoints()
    {
        var path = SocketPath();
        await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUrls(AnyHttp);
            builder.WebHost.UseUwsgiProtocol(0);
            builder.WebHost.UseUwsgiProtocol(path);
            builder.WebHost.UseUwsgiProtocol(options =>
            {
                options.Listen(0);
                options.Listen("[::1]:0");
            });
        });
        Assert.Equal(4, app.EndPoints.Length);
        foreach (var endPoint in app.EndPoints)
        {
            Assert.Equal("hello", (await SocketPeer.AskAsync(endPoint, Packets.Get())).Body);
        }

        await AssertServesBothAsync(app);
        Assert.Contains($"uwsgi://unix:{path}", app.Addresses);
        Assert.Contains(app.Addresses, address => address.StartsWith("uwsgi://[::1]:", StringComparison.Ordinal));
        Assert.DoesNotContain(app.Addresses, address => address.EndsWith(":0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Urls_may_name_our_endpoints()
    {
        await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUrls($"{AnyHttp};uwsgi://127.0.0.1:0;UWSGI://unix:{SocketPath()}");
            builder.WebHost.UseUwsgiProtocol();
        });
        Assert.Equal(2, app.EndPoints.Length);
        Assert.Equal("hello", (await SocketPeer.AskAsync(app.EndPoints[1], Packets.Get())).Body);
        await AssertServesBothAsync(app);
    }

    [Fact]
    public async Task The_apps_own_urls_may_name_our_endpoints()
    {
        await using var app = await RunningApp.StartAsync(
            WebApplication.CreateBuilder(),
            builder => builder.WebHost.UseUwsgiProtocol(),
            app =>
            {
                app.Urls.Add(AnyHttp);
                app.Urls.Add("uwsgi://127.0.0.1:0");
                Assert.True(app.Urls.Contains("uwsgi://127.0.0.1:0"));
                app.Run(context => context.Response.WriteAsync("hello"));
            });
        await AssertServesBothAsync(app);
    }

    [Fact]
    public async Task Urls_that_are_none_stop_the_start_before_anything_is_open()
    {
        await Assert.ThrowsAsync<FormatException>(() => RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUrls($"{AnyHttp};uwsgi://nonsense");
            builder.WebHost.UseUwsgiProtocol();
        }));
    }

    [Fact]
    public async Task PreferHostingUrls_leaves_our_endpoints_alone()
    {
        await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUrls(AnyHttp);
            builder.WebHost.PreferHostingUrls(true);
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            builder.WebHost.UseUwsgiProtocol(0);
        });
        await AssertServesBothAsync(app);
    }

    [Fact]
    public async Task An_endpoint_of_kestrels_configuration_may_speak_uwsgi()
    {
        await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Endpoints:Web:Url"] = AnyHttp,
                ["Endpoints:Uwsgi:Url"] = AnyHttp,
            });
            builder.WebHost.UseUwsgiProtocol();
            builder.WebHost.ConfigureKestrel((context, kestrel) => kestrel
                .Configure(context.Configuration)
                .Endpoint("Uwsgi", endpoint => endpoint.ListenOptions.UseUwsgi()));
        });
        await AssertServesBothAsync(app);
        Assert.Equal(2, app.Addresses.Count);
    }

    [Fact]
    public async Task An_endpoint_of_the_apps_own_kestrel_may_speak_uwsgi()
    {
        await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUwsgiProtocol();
            builder.WebHost.ConfigureKestrel(kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, 0);
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseUwsgi());
                kestrel.ListenUnixSocket(SocketPath(), listen => listen.UseUwsgi());
            });
        });
        Assert.Equal(2, app.EndPoints.Length);
        Assert.Equal("hello", (await SocketPeer.AskAsync(app.EndPoints[1], Packets.Get())).Body);
        await AssertServesBothAsync(app);
    }

    [Fact]
    public async Task UseUwsgi_without_the_hosts_readiness_is_an_error_that_says_what_to_do()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningApp.StartAsync(
            WebApplication.CreateBuilder(),
            builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseUwsgi()))));
        Assert.Contains("call builder.WebHost.UseUwsgiProtocol()", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_stops_the_start_and_the_http_port_is_free_again()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        var http = FreePort();
        var exception = await Assert.ThrowsAsync<IOException>(() => RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUrls($"http://127.0.0.1:{http}");
            builder.WebHost.UseUwsgiProtocol(port);
        }));
        Assert.Contains($"uwsgi://127.0.0.1:{port}", exception.Message, StringComparison.Ordinal);
        Assert.Contains("in use", exception.Message, StringComparison.Ordinal);
        using var again = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        again.Bind(new IPEndPoint(IPAddress.Loopback, http));
    }

    [Fact]
    public async Task An_http_port_in_use_stops_the_start_and_ours_is_never_open()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        var path = SocketPath();
        await Assert.ThrowsAsync<IOException>(() => RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUrls($"http://{taken.LocalEndPoint}");
            builder.WebHost.UseUwsgiProtocol(path);
        }));
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task Why_a_start_failed_is_told_even_where_the_stop_fails_too()
    {
        var server = new StubServer { OnStart = () => throw new NotSupportedException("start"), OnStop = () => throw new NotSupportedException("stop") };
        var exception = await Assert.ThrowsAsync<NotSupportedException>(() => RunningApp.StartAsync(WebApplication.CreateEmptyBuilder(new()), builder =>
        {
            builder.Services.AddSingleton<IServer>(server);
            builder.WebHost.UseUwsgiProtocol(0);
        }));
        Assert.Equal("start", exception.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_is_disposed_with_ours_unless_it_was_handed_over(bool isHandedOver)
    {
        var server = new StubServer();
        await using (var app = await RunningApp.StartAsync(WebApplication.CreateEmptyBuilder(new()), builder =>
        {
            _ = isHandedOver ? builder.Services.AddSingleton<IServer>(server) : builder.Services.AddSingleton<IServer>(_ => server);
            builder.WebHost.UseUwsgiProtocol(0);
        }))
        {
            Assert.Equal("hello", (await app.AskAsync(Packets.Get())).Body);
        }

        Assert.Equal(isHandedOver, !server.IsDisposed);
    }

    [Fact]
    public async Task Without_ServeHttp_front_ends_are_all_that_is_served()
    {
        var http = FreePort();
        await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUrls($"http://127.0.0.1:{http}");
            builder.WebHost.UseUwsgiProtocol(options =>
            {
                options.ServeHttp = false;
                options.Listen(0);
            });
        });
        Assert.Equal("hello", (await app.AskAsync(Packets.Get())).Body);
        await Assert.ThrowsAsync<SocketException>(() => SocketPeer.ConnectAsync(new IPEndPoint(IPAddress.Loopback, http)));
        Assert.DoesNotContain(app.Logs.Entries, entry => entry.Message.StartsWith("Now listening on: http://", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_ServeHttp_an_endpoint_of_the_apps_own_kestrel_would_stay_closed_and_that_stops_the_start()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUwsgiProtocol(options => options.ServeHttp = false);
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(3031, listen => listen.UseUwsgi()));
        }));
        Assert.Contains("uwsgi://localhost:3031", exception.Message, StringComparison.Ordinal);
        Assert.Contains("ServeHttp", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_opens_nothing_is_warned_of()
    {
        await using var silent = await RunningApp.StartAsync(
            WebApplication.CreateBuilder(), builder => builder.WebHost.UseUwsgiProtocol(options => options.ServeHttp = false));
        Assert.Equal(LogLevel.Warning, Assert.Single(silent.Logs.Of("NothingOpen")).Level);
        await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUrls(AnyHttp);
            builder.WebHost.UseUwsgiProtocol();
        });
        Assert.Empty(app.Logs.Of("NothingOpen"));
    }

    [Theory]
    [Trait("Guards", "an open port is asked for by name, and warned of")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_endpoint_of_the_apps_own_kestrel_that_others_can_reach_is_warned_of(bool isReachable)
    {
        await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUwsgiProtocol();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(isReachable ? IPAddress.Any : IPAddress.Loopback, 0, listen => listen.UseUwsgi()));
        });
        Assert.Equal(isReachable ? app.Addresses : [], app.Logs.Of("ReachableFromOutside").Select(entry => entry.Message.Split(' ')[0]));
    }

    [Fact]
    public async Task A_pipeline_that_cannot_be_built_stops_the_start()
    {
        var path = SocketPath();
        var exception = await Assert.ThrowsAsync<NotSupportedException>(() => RunningApp.StartAsync(
            WebApplication.CreateBuilder(),
            builder =>
            {
                builder.WebHost.UseUrls(AnyHttp);
                builder.WebHost.UseUwsgiProtocol(path);
            },
            app => app.Use(_ => throw new NotSupportedException("the app's"))));
        Assert.Equal("the app's", exception.Message);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task A_host_may_be_started_again_in_the_same_process()
    {
        var path = SocketPath();
        for (var i = 0; i < 3; i++)
        {
            await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
            {
                builder.WebHost.UseUrls(AnyHttp);
                builder.WebHost.UseUwsgiProtocol(path);
            });
            Assert.Equal("hello", (await app.AskAsync(Packets.Get())).Body);
        }
    }

    [Fact]
    public async Task Every_address_is_logged_once_it_is_listened_on()
    {
        await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUrls(AnyHttp);
            builder.WebHost.UseUwsgiProtocol(0);
            builder.WebHost.UseUwsgiProtocol(SocketPath());
        });
        var logged = app.Logs.Entries.Where(entry => entry.Message.StartsWith("Now listening on: ", StringComparison.Ordinal))
            .Select(entry => entry.Message["Now listening on: ".Length..]);
        Assert.Equal(app.Addresses.Order(), logged.Order());
        Assert.Equal(3, app.Addresses.Count);
    }

    [Fact]
    public async Task Times_that_are_not_set_are_those_of_the_apps_kestrel()
    {
        UwsgiProtocolLimits? limits = null;
        await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUrls(AnyHttp);
            builder.WebHost.UseUwsgiProtocol(options =>
            {
                options.Listen(0);
                options.Limits.IdleTimeout = TimeSpan.FromMinutes(1);
                limits = options.Limits;
            });
            builder.WebHost.ConfigureKestrel(kestrel =>
            {
                kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(7);
                kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(8);
            });
        });
        Assert.Equal((TimeSpan.FromSeconds(7), TimeSpan.FromMinutes(1)), (limits!.RequestHeadTimeout, limits.IdleTimeout));
    }

    [Fact]
    public void Addresses_are_a_live_list()
    {
        var inner = new Microsoft.AspNetCore.Hosting.Server.Features.ServerAddressesFeature();
        var ours = new GatewayAddressesFeature(inner, new GatewayListener());
        var feature = (Microsoft.AspNetCore.Hosting.Server.Features.IServerAddressesFeature)ours;
        ICollection<string> addresses = feature.Addresses;
        addresses.Add("http://a:1");
        addresses.Add("uwsgi://127.0.0.1:1");
        addresses.Add("uwsgi://127.0.0.1:2");
        Assert.Equal(["http://a:1"], inner.Addresses);
        inner.Addresses.Add("http://b:2");
        Assert.True(addresses.Contains("uwsgi://127.0.0.1:1"));
        Assert.True(addresses.Contains("http://b:2"));
        Assert.False(addresses.Contains("http://c:3"));
        Assert.True(addresses.Remove("uwsgi://127.0.0.1:2"));
        Assert.True(addresses.Remove("http://a:1"));
        Assert.Equal(["http://b:2"], inner.Addresses);
        feature.PreferHostingUrls = true;
        Assert.True(inner.PreferHostingUrls);
        Assert.Equal(["uwsgi://127.0.0.1:1"], ours.Requested);

        ours.SetBound(["uwsgi://127.0.0.1:1"], isInnerSilent: false);
        Assert.Equal(["http://b:2", "uwsgi://127.0.0.1:1"], addresses.ToArray());
        Assert.Equal(2, addresses.Count);
        Assert.True(addresses.Contains("uwsgi://127.0.0.1:1"));
        Assert.True(addresses.IsReadOnly);
    }

    [Fact]
    public async Task Addresses_are_not_changed_after_the_start()
    {
        await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUrls(AnyHttp);
            builder.WebHost.UseUwsgiProtocol(0);
        });
        var own = app.Addresses.Single(address => address.StartsWith("uwsgi://", StringComparison.Ordinal));
        Assert.Throws<InvalidOperationException>(() => app.Addresses.Add("uwsgi://127.0.0.1:0"));
        Assert.Throws<InvalidOperationException>(() => app.Addresses.Add(AnyHttp));
        Assert.Throws<InvalidOperationException>(() => app.Addresses.Remove(own));
        Assert.Throws<InvalidOperationException>(app.Addresses.Clear);
        Assert.Equal(2, app.Addresses.Count);
    }

    [Fact]
    public async Task A_url_of_ours_in_the_app_leaves_the_urls_of_its_configuration()
    {
        await using var app = await RunningApp.StartAsync(
            WebApplication.CreateBuilder(),
            builder =>
            {
                builder.WebHost.UseUrls(AnyHttp);
                builder.WebHost.UseUwsgiProtocol();
            },
            app =>
            {
                app.Urls.Add("uwsgi://127.0.0.1:0");
                app.Run(context => context.Response.WriteAsync("hello"));
            });
        await AssertServesBothAsync(app);
        Assert.StartsWith("http://127.0.0.1:", app.HttpAddress, StringComparison.Ordinal);
        Assert.Equal(2, app.Addresses.Count);
    }

    [Fact]
    public async Task An_endpoint_of_kestrels_configuration_may_come_by_a_reload()
    {
        var port = FreePort();
        var builder = WebApplication.CreateBuilder();
        var root = (IConfigurationRoot)builder.Configuration;
        await using var app = await RunningApp.StartAsync(builder, builder =>
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Kestrel:Endpoints:Web:Url"] = AnyHttp,
                ["Kestrel:Endpoints:Uwsgi:Url"] = AnyHttp,
            });
            builder.WebHost.UseUwsgiProtocol();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel
                .Configure(root.GetSection("Kestrel"), reloadOnChange: true)
                .Endpoint("Uwsgi", endpoint => endpoint.ListenOptions.UseUwsgi()));
        });
        root["Kestrel:Endpoints:Uwsgi:Url"] = $"http://127.0.0.1:{port}";
        root.Reload();
        await Eventually.TrueAsync(() => app.Addresses.Contains($"uwsgi://127.0.0.1:{port}"));
        Assert.Equal("hello", (await app.AskAsync(Packets.Get())).Body);
    }

    [Fact]
    public async Task Ports_from_the_environment_are_opened_beside_ours()
    {
        // As the container images set it; it is lost where endpoints are added to Kestrel's own options.
        await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseSetting("http_ports", "0");
            builder.WebHost.UseUwsgiProtocol(0);
        });
        await AssertServesBothAsync(app);
    }

    [Fact]
    public async Task Without_any_address_kestrels_default_is_opened_beside_ours()
    {
        RunningApp app;
        try
        {
            app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder => builder.WebHost.UseUwsgiProtocol(0));
        }
        catch (IOException e)
        {
            // The port is somebody else's; that it was tried is what is asked.
            Assert.Contains("http://127.0.0.1:5000", e.Message, StringComparison.Ordinal);
            return;
        }

        await using (app)
        {
            await AssertServesBothAsync(app);
            Assert.Equal("http://localhost:5000", app.HttpAddress);
        }
    }

    internal static string SocketPath() => Path.Combine(Path.GetTempPath(), $"uwsgi-{Guid.NewGuid():N}.sock");

    internal static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static async Task AssertServesBothAsync(RunningApp app)
    {
        var received = await app.AskAsync(Packets.Get());
        Assert.Equal("hello", received.Body);
        Assert.Equal("5", received["Content-Length"]);
        Assert.False(received.IsReset);
        Assert.Equal("hello", await app.GetAsync());
        Assert.IsType<GatewayServer>(app.Host.Services.GetRequiredService<IServer>());
    }
}
