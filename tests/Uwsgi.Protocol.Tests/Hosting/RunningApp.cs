using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Hosting;

/// <summary>An app on real sockets. At its end nothing may have been logged as an error.</summary>
internal sealed class RunningApp : IAsyncDisposable
{
    private readonly LogCapture _logs;

    private RunningApp(IHost host, LogCapture logs)
    {
        Host = host;
        _logs = logs;
    }

    public IHost Host { get; }

    public LogCapture Logs => _logs;

    /// <summary>What hosting says it listens on.</summary>
    public ICollection<string> Addresses =>
        Host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;

    /// <summary>Where uwsgi is spoken.</summary>
    public EndPoint[] EndPoints => EndPointsOf("uwsgi");

    /// <summary>Where SCGI is spoken.</summary>
    public EndPoint[] ScgiEndPoints => EndPointsOf("scgi");

    /// <summary>Where all protocols are spoken.</summary>
    public EndPoint[] GatewayEndPoints => EndPointsOf("gateway");

    public EndPoint EndPoint => EndPoints[0];

    /// <summary>Where a protocol is spoken.</summary>
    public EndPoint EndPointOf(GatewayProtocol protocol) => EndPointsOf(protocol.ToString().ToLowerInvariant())[0];

    /// <summary>Where HTTP is spoken.</summary>
    public string HttpAddress => Addresses.First(address => address.StartsWith("http://", StringComparison.Ordinal));

    private EndPoint HttpEndPoint => EndPointOf(HttpAddress["http://".Length..]);

    /// <summary>Starts an app made by <see cref="WebApplication.CreateBuilder()"/>, with HTTP on a free port beside uwsgi.</summary>
    public static Task<RunningApp> StartAsync(
        RequestDelegate app, Action<UwsgiProtocolOptions> configure, Action<WebApplicationBuilder>? configureBuilder = null) =>
        StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.WebHost.UseUwsgiProtocol(configure);
            configureBuilder?.Invoke(builder);
        }, application => application.Run(app));

    /// <summary>Starts an app that speaks a protocol over a transport, and HTTP beside it; with none of them (null), HTTP alone.</summary>
    public static Task<RunningApp> StartAsync(
        GatewayProtocol? protocol, GatewayTransport transport, Action<WebApplication> configureApp, Action<WebApplicationBuilder>? configure = null) =>
        StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.WebHost.UseUwsgiProtocol(options =>
            {
                options.Transport = transport;
                if (protocol is { } spoken)
                {
                    options.Listen(0, spoken);
                }
            });
            configure?.Invoke(builder);
        }, configureApp);

    public static async Task<RunningApp> StartAsync(
        WebApplicationBuilder builder, Action<WebApplicationBuilder> configure, Action<WebApplication>? configureApp = null)
    {
        var logs = Capture(builder.Services);
        configure(builder);
        var application = builder.Build();
        if (configureApp is null)
        {
            application.Run(static context => context.Response.WriteAsync("hello"));
        }
        else
        {
            configureApp(application);
        }

        return await StartAsync(application, logs);
    }

    public static async Task<RunningApp> StartAsync(IHost host, LogCapture logs)
    {
        try
        {
            await host.StartAsync().Within();
        }
        catch
        {
            await DisposeAsync(host);
            throw;
        }

        return new RunningApp(host, logs);
    }

    /// <summary>Logs go to a capture, and nowhere else.</summary>
    public static LogCapture Capture(IServiceCollection services)
    {
        var logs = new LogCapture();
        services.AddLogging(logging => logging.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddFilter("Microsoft", LogLevel.Debug).AddProvider(logs));
        return logs;
    }

    public Task<Received> AskAsync(byte[] request) => SocketPeer.AskAsync(EndPoint, request);

    /// <summary>Asks for something by one of the protocols, or by HTTP (null), without what the protocol puts around the answer.</summary>
    public async Task<Received> AskAsync(GatewayProtocol? protocol, string target, params (string Name, string Value)[] headers)
    {
        if (protocol is { } spoken)
        {
            var requests = new RequestBytes(spoken);
            (string, string)[] variables = [.. headers.Select(header => ("HTTP_" + header.Name.Replace('-', '_').ToUpperInvariant(), header.Value))];
            return requests.Answer(await SocketPeer.AskAsync(EndPointOf(spoken), requests.Get(target, variables)));
        }

        // Of this version an answer has no chunks.
        var lines = string.Concat(headers.Select(header => $"{header.Name}: {header.Value}\r\n"));
        return await SocketPeer.AskAsync(HttpEndPoint, Encoding.Latin1.GetBytes($"GET {target} HTTP/1.0\r\nHost: example.org\r\n{lines}\r\n"));
    }

    public async Task<string> GetAsync(string path = "/")
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(HttpAddress.Replace("[::]", "localhost", StringComparison.Ordinal) + path).Within();
    }

    public Task StopAsync() => Host.StopAsync().Within();

    public async ValueTask DisposeAsync()
    {
        await Host.StopAsync().Within();
        await DisposeAsync(Host);
        _logs.VerifyNoErrors();
    }

    private static async Task DisposeAsync(IHost host)
    {
        if (host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync();
        }
        else
        {
            host.Dispose();
        }
    }

    private EndPoint[] EndPointsOf(string scheme) =>
        [.. Addresses.Where(address => address.StartsWith($"{scheme}://", StringComparison.Ordinal)).Select(address => EndPointOf(address[(scheme.Length + 3)..]))];

    private static EndPoint EndPointOf(string rest)
    {
        if (rest.StartsWith("unix:", StringComparison.Ordinal))
        {
            var path = rest["unix:".Length..];
            return new UnixDomainSocketEndPoint(path[0] == '@' ? "\0" + path[1..] : path);
        }

        return rest.StartsWith("localhost:", StringComparison.Ordinal)
            ? IPEndPoint.Parse("127.0.0.1" + rest["localhost".Length..])
            : IPEndPoint.Parse(rest);
    }
}
