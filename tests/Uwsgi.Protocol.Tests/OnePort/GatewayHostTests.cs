using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.FastCgi;
using Uwsgi.Protocol.Tests.Hosting;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.OnePort;

/// <summary>Endpoints for all protocols: how they are opened, and that each protocol is served on them.</summary>
public class GatewayHostTests
{
    private static readonly byte[] Http = "GET / HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n"u8.ToArray();
    private static readonly RequestBytes Scgi = new(GatewayProtocol.Scgi);

    [Fact]
    public async Task A_port_speaks_all_protocols_on_loopback()
    {
        await using var app = await TellingApp.StartAsync(builder => builder.WebHost.UseGateway(0));
        Assert.Equal(IPAddress.Loopback, Assert.IsType<IPEndPoint>(Assert.Single(app.GatewayEndPoints)).Address);
        await AssertSpeaksAllAsync(app);
        Assert.Equal("http", await app.GetAsync());
        Assert.DoesNotContain(app.Logs.Entries, entry => entry.Level >= LogLevel.Warning && entry.Event.Name != "BacklogLimited");
    }

    [Fact]
    public async Task Options_urls_and_methods_name_it_alike()
    {
        await using var app = await TellingApp.StartAsync(builder =>
        {
            builder.WebHost.UseUrls($"http://127.0.0.1:0;gateway://127.0.0.1:0;GATEWAY://unix:{HostScenarioTests.SocketPath()}");
            builder.WebHost.UseUwsgiProtocol(options => options.Listen("127.0.0.1:0", GatewayProtocol.Any));
            builder.WebHost.UseGateway(options =>
            {
                options.Listen("[::1]:0");
                options.Listen(0, GatewayProtocol.Uwsgi);
            });
        });
        Assert.Equal(4, app.GatewayEndPoints.Length);
        await AssertSpeaksAllAsync(app);
        Assert.Equal("Uwsgi", (await app.AskAsync(Packets.Get())).Body);
    }

    [Fact]
    public async Task An_endpoint_of_the_apps_own_kestrel_may_speak_all_protocols()
    {
        await using var app = await TellingApp.StartAsync(builder =>
        {
            builder.WebHost.UseUwsgiProtocol();
            builder.WebHost.ConfigureKestrel(kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, 0);
                kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseGateway());
                kestrel.ListenUnixSocket(HostScenarioTests.SocketPath(), listen => listen.UseGateway());
            });
        });
        Assert.Equal(2, app.GatewayEndPoints.Length);
        await AssertSpeaksAllAsync(app);
    }

    [Fact]
    public async Task Behind_UseHttps_all_protocols_are_spoken_by_TLS_and_http2_is_among_them()
    {
        using var certificate = Certificate();
        await using var app = await TellingApp.StartAsync(builder =>
        {
            builder.WebHost.UseUwsgiProtocol();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.UseHttps(certificate);
                listen.UseGateway();
            }));
        });
        var endPoint = (IPEndPoint)Assert.Single(app.GatewayEndPoints);
        Assert.Contains("Uwsgi", await AskByTlsAsync(endPoint, Packets.Get()), StringComparison.Ordinal);
        Assert.Contains("Scgi", await AskByTlsAsync(endPoint, Scgi.Get()), StringComparison.Ordinal);
        Assert.Contains("FastCgi", await AskByTlsAsync(endPoint, FastCgiPackets.Get(keep: false)), StringComparison.Ordinal);

        using var client = new HttpClient(new SocketsHttpHandler { SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true } });
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"https://{endPoint}/") { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using var response = await client.SendAsync(request).Within();
            Assert.Equal((version, "http"), (response.Version, await response.Content.ReadAsStringAsync()));
        }
    }

    [Fact]
    [Trait("Guards", "a TLS handshake is refused by name")]
    public async Task Without_UseHttps_a_handshake_of_TLS_is_refused()
    {
        await using var app = await TellingApp.StartAsync(builder => builder.WebHost.UseGateway(0));
        using var client = await SocketPeer.ConnectAsync(app.GatewayEndPoints[0]);
        await using var tls = new SslStream(new NetworkStream(client.Socket), leaveInnerStreamOpen: false);
        await Assert.ThrowsAnyAsync<IOException>(() => tls.AuthenticateAsClientAsync("localhost").Within());
        await Eventually.TrueAsync(() => app.Logs.Of("RequestRefused").Any());
        Assert.Contains("UseHttps()", Assert.Single(app.Logs.Of("RequestRefused")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http2_with_prior_knowledge_is_spoken_where_the_endpoint_speaks_http2()
    {
        await using var app = await TellingApp.StartAsync(builder =>
        {
            builder.WebHost.UseUwsgiProtocol();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                listen.UseGateway();
            }));
        });
        using var client = new HttpClient { DefaultRequestVersion = HttpVersion.Version20, DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact };
        Assert.Equal("http", await client.GetStringAsync($"http://{Assert.Single(app.GatewayEndPoints)}/").Within());
        Assert.Equal("Uwsgi", (await SocketPeer.AskAsync(app.GatewayEndPoints[0], Packets.Get())).Body);
    }

    [Fact]
    public async Task Without_the_apps_own_http_endpoints_http_is_spoken_there()
    {
        await using var app = await TellingApp.StartAsync(builder => builder.WebHost.UseGateway(options =>
        {
            options.Listen(0);
            options.ServeHttp = false;
        }));
        Assert.StartsWith("gateway://", Assert.Single(app.Addresses), StringComparison.Ordinal);
        await AssertSpeaksAllAsync(app);
    }

    [Fact]
    public async Task UseGateway_on_an_endpoint_without_the_hosts_readiness_is_an_error_that_says_what_to_do()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => TellingApp.StartAsync(
            builder => builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseGateway()))));
        Assert.StartsWith("UseGateway() needs", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_address_is_refused_where_it_is_written()
    {
        var builder = WebApplication.CreateBuilder();
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.WebHost.UseGateway(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.WebHost.UseGateway(65536));
        Assert.Throws<FormatException>(() => builder.WebHost.UseGateway("nonsense"));
    }

    [Fact]
    [Trait("Guards", "an open port is asked for by name, and warned of")]
    public async Task An_address_that_others_can_reach_is_warned_of()
    {
        await using var app = await TellingApp.StartAsync(builder => builder.WebHost.UseGateway("0.0.0.0:0"));
        var warning = Assert.Single(app.Logs.Of("ReachableFromOutside"));
        Assert.Equal(LogLevel.Warning, warning.Level);
        Assert.Contains("gateway://0.0.0.0:", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Guards", "who may connect")]
    public async Task Who_may_not_connect_may_not_by_http_either()
    {
        await using var app = await TellingApp.StartAsync(builder => builder.WebHost.UseGateway(options =>
        {
            options.Listen(0);
            options.Listen(HostScenarioTests.SocketPath());
            options.AllowedNetworks.Add("192.0.2.0/24");
            options.AllowedUserIds.Add(uint.MaxValue - 7);
        }));
        foreach (var endPoint in app.GatewayEndPoints)
        {
            using var peer = await SocketPeer.ConnectAsync(endPoint);
            Assert.Empty((await peer.ReadToEndAsync()).Bytes);
        }

        await Eventually.TrueAsync(() => app.Logs.Of("PeerNotAllowed").Count() == 2);
        Assert.Equal("http", await app.GetAsync());
    }

    [Fact]
    public async Task Connections_by_http_count_towards_the_limit()
    {
        await using var app = await TellingApp.StartAsync(builder => builder.WebHost.UseGateway(options =>
        {
            options.Listen(0);
            options.Limits.MaxConcurrentConnections = 1;
        }));
        using var first = await SocketPeer.ConnectAsync(app.GatewayEndPoints[0]);
        await first.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray());
        _ = await first.ReadAsync(1);
        using var second = await SocketPeer.ConnectAsync(app.GatewayEndPoints[0]);
        Assert.Empty((await second.ReadToEndAsync()).Bytes);
    }

    [Fact]
    public async Task A_stop_lets_requests_by_http_end()
    {
        var inside = new SyncPoint();
        await using var app = await TellingApp.StartAsync(builder => builder.WebHost.UseGateway(0), async context =>
        {
            await inside.MeetAsync();
            await context.Response.WriteAsync("done");
        });
        var answer = SocketPeer.AskAsync(app.GatewayEndPoints[0], Http);
        await inside.Reached;
        var stop = app.StopAsync();
        inside.Continue();
        Assert.Contains("done", (await answer).Text, StringComparison.Ordinal);
        await stop;
    }

    private static async Task AssertSpeaksAllAsync(RunningApp app)
    {
        Assert.NotEmpty(app.GatewayEndPoints);
        foreach (var endPoint in app.GatewayEndPoints)
        {
            foreach (var (request, answer) in new[]
            {
                (Packets.Get(), "\r\n\r\nUwsgi"), (Scgi.Get(), "\r\n\r\nScgi"), (FastCgiPackets.Get(keep: false), "\r\n\r\nFastCgi"), (Http, "http"),
            })
            {
                Assert.Contains(answer, (await SocketPeer.AskAsync(endPoint, request)).Text, StringComparison.Ordinal);
            }
        }
    }

    private static async Task<string> AskByTlsAsync(EndPoint endPoint, byte[] request)
    {
        using var peer = await SocketPeer.ConnectAsync(endPoint);
        await using var tls = new SslStream(new NetworkStream(peer.Socket), leaveInnerStreamOpen: false, static (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost").Within();
        await tls.WriteAsync(request).AsTask().Within();
        using var reader = new StreamReader(tls);
        return await reader.ReadToEndAsync().Within();
    }

    private static X509Certificate2 Certificate()
    {
        using var key = RSA.Create(2048);
        return new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
    }
}
