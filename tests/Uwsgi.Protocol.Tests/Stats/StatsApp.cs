using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Uwsgi.Protocol.Requests;
using Uwsgi.Protocol.Stats;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Hosting;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Stats;

/// <summary>An app with stats on real sockets, that speaks every protocol.</summary>
internal sealed class StatsApp : IAsyncDisposable
{
    private StatsApp(RunningApp app) => App = app;

    public RunningApp App { get; }

    public EndPoint StatsEndPoint => App.Host.Services.GetServices<IHostedService>().OfType<StatsServer>().Single().EndPoints.First();

    public static async Task<StatsApp> StartAsync(
        RequestDelegate app,
        Action<UwsgiStatsOptions>? configure = null,
        GatewayTransport transport = GatewayTransport.Auto,
        Action<WebApplicationBuilder>? configureBuilder = null) =>
        new(await RunningApp.StartAsync(
            app,
            options =>
            {
                options.Transport = transport;
                options.Listen(0, GatewayProtocol.Uwsgi);
                options.Listen(0, GatewayProtocol.Scgi);
                options.Listen(0, GatewayProtocol.FastCgi);
            },
            builder =>
            {
                builder.WebHost.UseUwsgiStats(0);
                builder.WebHost.UseUwsgiStats(options => configure?.Invoke(options));
                configureBuilder?.Invoke(builder);
            }));

    /// <summary>Asks for something by one of the protocols, or by HTTP (null), and does not wait for the answer.</summary>
    public async Task<Task> BeginAsync(GatewayProtocol? protocol, string target, params (string Name, string Value)[] headers)
    {
        if (protocol is { } spoken)
        {
            var peer = await SocketPeer.ConnectAsync(App.EndPointOf(spoken));
            await peer.SendAsync(new RequestBytes(spoken).Get(target, [.. headers.Select(header => (Variable(header.Name), header.Value))]));
            return EndAsync(peer);
        }

        var client = new HttpClient();
        var request = new HttpRequestMessage(HttpMethod.Get, App.HttpAddress + target);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return client.SendAsync(request);
    }

    /// <summary>Waits until so many requests have ended: whoever has the answer may be faster than the server with what it does behind it.</summary>
    public Task EndedAsync(int count) => Eventually.TrueAsync(() => App.Host.Services.GetRequiredService<RequestTable>().ReadTotal().Requests == count);

    /// <summary>What a client of the stats is sent.</summary>
    public async Task<string> ReadTextAsync()
    {
        using var reader = await SocketPeer.ConnectAsync(StatsEndPoint);
        return System.Text.Encoding.UTF8.GetString((await reader.ReadToEndAsync()).Bytes);
    }

    /// <inheritdoc cref="ReadTextAsync"/>
    public async Task<JsonElement> ReadAsync() => JsonDocument.Parse(await ReadTextAsync()).RootElement;

    public ValueTask DisposeAsync() => App.DisposeAsync();

    /// <summary>Everything that there is to see of requests that run.</summary>
    public static JsonElement[] CoresInUse(JsonElement stats) =>
        [.. stats.GetProperty("workers")[0].GetProperty("cores").EnumerateArray().Where(core => core.GetProperty("in_request").GetInt32() == 1)];

    public static string[] Variables(JsonElement core) => [.. core.GetProperty("vars").EnumerateArray().Select(variable => variable.GetString()!)];

    private static string Variable(string header) => "HTTP_" + header.Replace('-', '_').ToUpperInvariant();

    private static async Task EndAsync(SocketPeer peer)
    {
        using (peer)
        {
            await peer.ReadToEndAsync();
        }
    }
}
