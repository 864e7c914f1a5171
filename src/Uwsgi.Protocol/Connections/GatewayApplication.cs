using Microsoft.AspNetCore.Connections;
using Uwsgi.Protocol.Http;

namespace Uwsgi.Protocol.Connections;

/// <summary>The app, as a connection sees it: whatever type hosting keeps its requests in.</summary>
internal abstract class GatewayApplication(GatewayRuntime runtime)
{
    public GatewayRuntime Runtime { get; } = runtime;

    /// <summary>Serves one connection until it is over.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="hasDirectOutput">
    /// Whether a flush that has completed has reached the socket: then the connection can be half-closed behind it.
    /// </param>
    /// <param name="protocol">The protocol that its front end speaks.</param>
    public Task ExecuteAsync(ConnectionContext connection, bool hasDirectOutput, GatewayProtocol protocol = GatewayProtocol.Uwsgi) =>
        protocol == GatewayProtocol.FastCgi
            ? new FastCgiConnection(this, connection, hasDirectOutput).ExecuteAsync()
            : new RequestConnection(this, connection, HeadFormat.Of(protocol), hasDirectOutput).ExecuteAsync();

    /// <summary>A request to load and to run.</summary>
    public abstract RequestContext Rent();

    /// <summary>Takes a request back, to be used again.</summary>
    public abstract void Return(RequestContext request);

    /// <summary>Runs a request through the app.</summary>
    public abstract Task<EndReason> RunAsync(RequestContext request, IExchange exchange);
}
