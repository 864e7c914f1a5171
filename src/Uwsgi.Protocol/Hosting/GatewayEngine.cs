using Microsoft.AspNetCore.Hosting.Server;

namespace Uwsgi.Protocol.Hosting;

/// <summary>The second server beside the app's own: what opens our endpoints, and nothing else.</summary>
internal abstract class GatewayEngine : IDisposable
{
    /// <summary>What is listened on, ports resolved.</summary>
    public abstract IEnumerable<GatewayAddress> Addresses { get; }

    public abstract Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull;

    /// <summary>Takes no more connections, waits for the requests in flight, and aborts what is left when the time is over.</summary>
    public abstract Task StopAsync(CancellationToken cancellationToken);

    public abstract void Dispose();
}
