using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Uwsgi.Protocol.Connections;

namespace Uwsgi.Protocol.Hosting;

/// <summary>
/// The second server beside the app's own: a private Kestrel that opens our endpoints and nothing else. On the app's own Kestrel they would
/// silence its URLs.
/// </summary>
internal sealed class GatewayEngine : IDisposable
{
    private readonly List<(GatewayAddress Address, ListenOptions Options)> _listens = [];
    private readonly KestrelServerOptions _options;
    private readonly KestrelServer _server;

    public GatewayEngine(
        IReadOnlyCollection<GatewayAddress> addresses,
        GatewayApplication application,
        KestrelServerOptions appOptions,
        IServiceProvider services,
        ILoggerFactory loggerFactory)
    {
        var options = application.Runtime.Options;
        _options = new KestrelServerOptions { ApplicationServices = services };
        _options.Limits.MaxConcurrentConnections = options.Limits.IsMaxConcurrentConnectionsSet
            ? options.Limits.MaxConcurrentConnections
            : appOptions.Limits.MaxConcurrentConnections;
        foreach (var address in addresses)
        {
            Listen(address, application);
        }

        var transport = new SocketTransportFactory(
            Options.Create(new SocketTransportOptions
            {
                Backlog = options.Backlog,

                // A flush then completes when its bytes are with the socket, not with a buffer in front of it: that is what
                // makes a half-close behind the response possible.
                MaxWriteBufferSize = 1,

                // A front end speaks first, at once: there is nothing to wait for with an empty hand.
                WaitForDataBeforeAllocatingBuffer = false,
                CreateBoundListenSocket = endPoint => new ListenSocket(ProtocolOf(endPoint, addresses), options.UnixSocket).Bind(endPoint),
            }),
            loggerFactory);
        _server = new KestrelServer(Options.Create(_options), transport, loggerFactory);
    }

    /// <summary>What is listened on, ports resolved.</summary>
    public IEnumerable<GatewayAddress> Addresses => _listens.Select(listen =>
        listen.Address.EndPoint is DnsEndPoint ? listen.Address : listen.Address with { EndPoint = listen.Options.EndPoint });

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull => _server.StartAsync(application, cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _server.StopAsync(cancellationToken);

    public void Dispose() => _server.Dispose();

    private static GatewayProtocol ProtocolOf(EndPoint endPoint, IEnumerable<GatewayAddress> addresses) =>
        addresses.FirstOrDefault(address => address.EndPoint.Equals(endPoint))?.Protocol ?? GatewayProtocol.Uwsgi;

    private void Listen(GatewayAddress address, GatewayApplication application)
    {
        void Configure(ListenOptions listen)
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Run(connection => application.ExecuteAsync(connection, hasDirectOutput: true, address.Protocol));
            _listens.Add((address, listen));
        }

        if (address.EndPoint is DnsEndPoint localhost)
        {
            _options.ListenLocalhost(localhost.Port, Configure);
        }
        else if (address.EndPoint is IPEndPoint any && any.Address.Equals(IPAddress.IPv6Any))
        {
            // Both families, or IPv4 alone where the system has no IPv6.
            _options.ListenAnyIP(any.Port, Configure);
        }
        else
        {
            _options.Listen(address.EndPoint, Configure);
        }
    }
}
