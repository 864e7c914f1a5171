using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Uwsgi.Protocol.Hosting;

/// <summary>A private Kestrel that listens on nothing: the connections that turn out to be HTTP are handed to it.</summary>
internal sealed class HttpHandOver : IConnectionListenerFactory, IConnectionListener
{
    private readonly Channel<ConnectionContext> _connections = Channel.CreateUnbounded<ConnectionContext>();
    private readonly KestrelServer _server;

    public HttpHandOver(KestrelServerOptions appOptions, IServiceProvider services, ILoggerFactory loggerFactory)
    {
        var options = KestrelSettings.CopyOf(appOptions);
        options.ApplicationServices = services;

        // Counted by who hands them over.
        options.Limits.MaxConcurrentConnections = null;
        options.Listen(EndPoint);
        _server = new KestrelServer(Options.Create(options), this, loggerFactory);
    }

    public EndPoint EndPoint { get; } = new HandedOver();

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull => _server.StartAsync(application, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _server.StopAsync(cancellationToken);

    /// <summary>Hands a connection over, and waits for its end.</summary>
    public async Task ServeAsync(ConnectionContext connection)
    {
        var handed = new HandedOverConnection(connection);
        if (_connections.Writer.TryWrite(handed))
        {
            await handed.End.ConfigureAwait(false);
        }
    }

    ValueTask<IConnectionListener> IConnectionListenerFactory.BindAsync(EndPoint endpoint, CancellationToken cancellationToken) => new(this);

    async ValueTask<ConnectionContext?> IConnectionListener.AcceptAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _connections.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            return null;
        }
    }

    ValueTask IConnectionListener.UnbindAsync(CancellationToken cancellationToken)
    {
        _connections.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public void Dispose() => _server.Dispose();

    private sealed class HandedOver : EndPoint
    {
        public override string ToString() => "handed-over";
    }
}
