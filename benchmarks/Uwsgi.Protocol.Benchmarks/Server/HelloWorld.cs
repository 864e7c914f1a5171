using System.Text;
using BenchmarkDotNet.Attributes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Harakiri;
using Uwsgi.Protocol.RequestLog;
using Uwsgi.Protocol.Requests;

namespace Uwsgi.Protocol.Benchmarks;

/// <summary>
/// A whole request of <c>app.MapGet("/catalog/{name}", () => "Hello, World!")</c>, hosting's pipeline included, in memory: ours (a connection each, as
/// nginx has it) beside Kestrel's HTTP/1.1 on a kept connection, and the bare pipes.
/// </summary>
[MemoryDiagnoser]
public class HelloWorld
{
    private static readonly byte[] Response = Encoding.ASCII.GetBytes(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 13\r\n" +
        "Date: Sat, 21 Nov 2026 11:11:17 GMT\r\nServer: Kestrel\r\n\r\nHello, World!");

    private readonly InMemoryConnection _uwsgi = new();
    private readonly InMemoryConnection _http = new();
    private readonly InMemoryConnection _pipe = new();
    private readonly byte[] _packet = BrowserRequest.Packet;
    private readonly byte[] _httpRequest = BrowserRequest.Http;
    private GatewayApplication _application = null!;
    private GatewayApplication _tracked = null!;
    private GatewayApplication _watched = null!;
    private GatewayApplication _logged = null!;
    private GatewayApplication _full = null!;
    private WebApplication _uwsgiApp = null!;
    private WebApplication _trackedApp = null!;
    private WebApplication _watchedApp = null!;
    private WebApplication _loggedApp = null!;
    private WebApplication _fullApp = null!;
    private WebApplication _httpApp = null!;

    [GlobalSetup]
    public async Task Start()
    {
        (_uwsgiApp, _application) = await StartOursAsync(static _ => { });
        (_trackedApp, _tracked) = await StartOursAsync(static services =>
        {
            services.AddSingleton<RequestTable>();
            services.AddSingleton<IRequestListener>(new Nobody());
        });
        (_watchedApp, _watched) = await StartOursAsync(static services => services.AddHarakiri(static _ => { }));
        (_loggedApp, _logged) = await StartOursAsync(static services => RequestLogServices.Add(services, static options => options.File = "/dev/null"));
        (_fullApp, _full) = await StartOursAsync(static services =>
        {
            services.AddHarakiri(static _ => { });
            RequestLogServices.Add(services, static options => options.File = "/dev/null");
        });

        var listener = new InMemoryListener();
        _httpApp = await StartAppAsync(services => services.AddSingleton<IConnectionListenerFactory>(listener));
        listener.Connect(_http);
    }

    [GlobalCleanup]
    public async Task Stop()
    {
        await _uwsgiApp.DisposeAsync();
        await _trackedApp.DisposeAsync();
        await _watchedApp.DisposeAsync();
        await _loggedApp.DisposeAsync();
        await _fullApp.DisposeAsync();
        _http.ToServer.Complete();
        await _httpApp.DisposeAsync();
    }

    // 1001, and less than one object more: the app's timers allocate beside it.
    [AllocationBudget(1023)]
    [Benchmark]
    public Task<long> Uwsgi() => AskAsync(_application);

    /// <summary>With the table of requests that stats and the request log ask for: not a byte more.</summary>
    [AllocationBudget(1023)]
    [Benchmark]
    public Task<long> UwsgiInTheTable() => AskAsync(_tracked);

    /// <summary>With a deadline: not a byte more either.</summary>
    [AllocationBudget(1023)]
    [Benchmark]
    public Task<long> UwsgiWithHarakiri() => AskAsync(_watched);

    /// <summary>With a line of the request log for it, besides: not a byte more either.</summary>
    [AllocationBudget(1023)]
    [Benchmark]
    public Task<long> UwsgiLogged() => AskAsync(_logged);

    /// <summary>With harakiri, the table and the request log together.</summary>
    [AllocationBudget(1023)]
    [Benchmark]
    public Task<long> UwsgiWithAll() => AskAsync(_full);

    [Benchmark(Baseline = true)]
    public async Task<long> KestrelHttpKeepAlive()
    {
        await _http.ToServer.WriteAsync(_httpRequest);
        return await ReadAsync(_http);
    }

    [Benchmark]
    public async Task<long> BarePipes()
    {
        await _pipe.ToServer.WriteAsync(_packet);
        var transport = ((ConnectionContext)_pipe).Transport;
        var read = await transport.Input.ReadAsync();
        transport.Input.AdvanceTo(read.Buffer.End);
        await transport.Output.WriteAsync(Response);
        var length = await ReadAsync(_pipe);
        _pipe.Reset();
        return length;
    }

    private async Task<long> AskAsync(GatewayApplication application)
    {
        await _uwsgi.ToServer.WriteAsync(_packet);
        await application.ExecuteAsync(_uwsgi, hasDirectOutput: false);
        var length = await ReadAsync(_uwsgi);
        _uwsgi.Reset();
        return length;
    }

    private static async Task<(WebApplication App, GatewayApplication Application)> StartOursAsync(Action<IServiceCollection> configure)
    {
        CapturingServer? server = null;
        var app = await StartAppAsync(services =>
        {
            configure(services);
            services.AddSingleton<IServer>(provider => server = new CapturingServer(provider));
        });
        return (app, server!.Application!);
    }

    private static async Task<long> ReadAsync(InMemoryConnection connection)
    {
        var result = await connection.FromServer.ReadAsync();
        var length = result.Buffer.Length;
        if (!Encoding.ASCII.GetString(result.Buffer.FirstSpan).StartsWith("HTTP/1.1 200 OK", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("A benchmark of a failure: " + Encoding.ASCII.GetString(result.Buffer));
        }

        connection.FromServer.AdvanceTo(result.Buffer.End);
        return length;
    }

    private static async Task<WebApplication> StartAppAsync(Action<IServiceCollection> configure)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:1");
        configure(builder.Services);
        var app = builder.Build();
        app.MapGet("/catalog/{name}", () => "Hello, World!");
        await app.StartAsync();
        return app;
    }

    private sealed class Nobody : IRequestListener
    {
        public void OnEnded(in EndedRequest request)
        {
        }
    }
}
