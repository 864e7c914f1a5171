using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Connections;

namespace Uwsgi.Protocol.Benchmarks;

/// <summary>A server that listens nowhere: it takes the app from hosting, as our own does.</summary>
internal sealed class CapturingServer(IServiceProvider services) : IServer
{
    public GatewayApplication? Application { get; private set; }

    public IFeatureCollection Features { get; } = new FeatureCollection();

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        Application = new GatewayApplication<TContext>(application, GatewayRuntime.Create(services));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
    }
}
