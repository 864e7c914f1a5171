using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace Uwsgi.Protocol.Tests.Hosting;

/// <summary>An app's own server that opens nothing.</summary>
internal sealed class StubServer : IServer
{
    public IFeatureCollection Features { get; } = new FeatureCollection();

    public Func<Task> OnStart { get; init; } = static () => Task.CompletedTask;

    public Func<Task> OnStop { get; init; } = static () => Task.CompletedTask;

    public bool IsDisposed { get; private set; }

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull => OnStart();

    public Task StopAsync(CancellationToken cancellationToken) => OnStop();

    public void Dispose() => IsDisposed = true;
}
