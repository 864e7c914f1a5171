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

    /// <inheritdoc cref="ExecuteAsync(ConnectionContext, bool, GatewayProtocol)"/>
    /// <param name="connection">The connection.</param>
    /// <param name="hasDirectOutput">Whether a flush that has completed has reached the socket.</param>
    /// <param name="protocol">The protocol of its endpoint.</param>
    /// <param name="http">Serves it where that is any, and its first bytes are HTTP's.</param>
    public Task ExecuteAsync(ConnectionContext connection, bool hasDirectOutput, GatewayProtocol protocol, ConnectionDelegate http) =>
        protocol == GatewayProtocol.Any
            ? DetectAsync(connection, hasDirectOutput, http)
            : ExecuteAsync(connection, hasDirectOutput, protocol);

    /// <summary>A request to load and to run.</summary>
    public abstract RequestContext Rent();

    /// <summary>Takes a request back, to be used again.</summary>
    public abstract void Return(RequestContext request);

    /// <summary>Runs a request through the app.</summary>
    public abstract ValueTask<EndReason> RunAsync(RequestContext request, IExchange exchange);

    private async Task DetectAsync(ConnectionContext connection, bool hasDirectOutput, ConnectionDelegate http)
    {
        var detection = new ProtocolDetection(this, connection, hasDirectOutput);
        await detection.ExecuteAsync().ConfigureAwait(false);
        if (!detection.HasTold(out var protocol))
        {
            return;
        }

        if (protocol is { } spoken)
        {
            await ExecuteAsync(connection, hasDirectOutput, spoken).ConfigureAwait(false);
            return;
        }

        if (hasDirectOutput && connection is not IDirectConnection)
        {
            connection.Transport = new WriteBehindTransport(connection.Transport);
        }

        await http(connection).ConfigureAwait(false);
    }
}
