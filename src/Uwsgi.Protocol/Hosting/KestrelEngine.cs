using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Uwsgi.Protocol.Connections;

namespace Uwsgi.Protocol.Hosting;

/// <summary>
/// A private Kestrel that opens our endpoints and nothing else: on every system, and with its transport. On the app's own Kestrel they would
/// silence its URLs.
/// </summary>
internal sealed class KestrelEngine : GatewayEngine
{
    private readonly List<(GatewayAddress Address, ListenOptions Options)> _listens = [];
    private readonly SocketFiles _files;
    private readonly KestrelServerOptions _options;
    private readonly KestrelServer _server;
    private GatewayAddress? _binding;

    public KestrelEngine(
        IReadOnlyCollection<GatewayAddress> addresses,
        GatewayApplication application,
        KestrelServerOptions appOptions,
        IServiceProvider services,
        ILoggerFactory loggerFactory)
    {
        var options = application.Runtime.Options;
        _files = new SocketFiles(addresses.Select(address => address.EndPoint), options.UnixSocket);
        _options = KestrelSettings.CopyOf(appOptions);
        _options.ApplicationServices = services;
        if (options.Limits.IsMaxConcurrentConnectionsSet)
        {
            _options.Limits.MaxConcurrentConnections = options.Limits.MaxConcurrentConnections;
        }

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

                // A front end speaks first, at once: there is nothing to wait for with an empty hand. HTTP's clients keep connections that
                // are silent for long.
                WaitForDataBeforeAllocatingBuffer = addresses.Any(address => address.Protocol == GatewayProtocol.Any),
                CreateBoundListenSocket = endPoint =>
                {
                    _binding = AddressOf(endPoint, addresses);
                    var socket = new ListenSocket(_binding.Protocol, options).Bind(endPoint);
                    _files.OnBound(endPoint);
                    return socket;
                },
            }),
            loggerFactory);
        _server = new KestrelServer(Options.Create(_options), transport, loggerFactory);
    }

    public override IEnumerable<GatewayAddress> Addresses => _listens.Select(listen =>
        listen.Address.EndPoint is DnsEndPoint ? listen.Address : listen.Address with { EndPoint = listen.Options.EndPoint });

    public override async Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
    {
        using var locks = await _files.LockAsync().ConfigureAwait(false);
        try
        {
            await _server.StartAsync(application, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (_binding is not null && CauseOf(e) is { } cause)
        {
            throw ListenSocket.Failure(_binding, cause);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _server.StopAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await _files.RemoveAsync().ConfigureAwait(false);
        }
    }

    public override void Dispose()
    {
        _server.Dispose();
        _files.Remove();
    }

    /// <summary>The address that was asked for, of the end point that Kestrel opens for it.</summary>
    internal static GatewayAddress AddressOf(EndPoint endPoint, IReadOnlyCollection<GatewayAddress> addresses) =>
        addresses.FirstOrDefault(address => address.EndPoint.Equals(endPoint))
        ?? addresses.First(address => (endPoint, address.EndPoint) switch
        {
            (IPEndPoint opened, DnsEndPoint localhost) => opened.Port == localhost.Port && IPAddress.IsLoopback(opened.Address),
            (IPEndPoint opened, IPEndPoint asked) =>
                opened.Port == asked.Port && opened.Address.Equals(IPAddress.Any) && asked.Address.Equals(IPAddress.IPv6Any),
            _ => false,
        });

    // Kestrel hands on what a socket said, or, of localhost in neither family, both in one: under the name of http.
    private static SocketException? CauseOf(Exception e) =>
        e as SocketException ?? (e is IOException { InnerException: AggregateException both } ? both.InnerExceptions[0] as SocketException : null);

    private void Listen(GatewayAddress address, GatewayApplication application) => KestrelSettings.Listen(_options, address.EndPoint, listen =>
    {
        if (address.Protocol != GatewayProtocol.Any)
        {
            listen.Protocols = HttpProtocols.Http1;
        }

        listen.Use(http => connection => application.ExecuteAsync(connection, hasDirectOutput: true, address.Protocol, http));
        _listens.Add((address, listen));
    });
}
