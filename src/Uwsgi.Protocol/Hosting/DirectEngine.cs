using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Transport;

namespace Uwsgi.Protocol.Hosting;

/// <summary>Our endpoints on the direct transport. HTTP, where an endpoint speaks that too, is Kestrel's all the same.</summary>
[SupportedOSPlatform("linux")]
internal sealed class DirectEngine : GatewayEngine
{
    private readonly IReadOnlyCollection<GatewayAddress> _asked;
    private readonly GatewayApplication _application;
    private readonly SocketFiles _files;
    private readonly SocketServer _server;
    private readonly HttpHandOver? _http;
    private readonly List<GatewayAddress> _addresses = [];

    public DirectEngine(
        IReadOnlyCollection<GatewayAddress> addresses,
        GatewayApplication application,
        KestrelServerOptions appOptions,
        IServiceProvider services,
        ILoggerFactory loggerFactory)
    {
        var options = application.Runtime.Options;
        _asked = addresses;
        _application = application;
        _files = new SocketFiles(addresses.Select(address => address.EndPoint), options.UnixSocket);
        _server = new SocketServer(
            options.Limits.IsMaxConcurrentConnectionsSet ? options.Limits.MaxConcurrentConnections : appOptions.Limits.MaxConcurrentConnections,
            application.Runtime.Metrics,
            loggerFactory);
        if (addresses.Any(address => address.Protocol == GatewayProtocol.Any))
        {
            _http = new HttpHandOver(appOptions, services, loggerFactory);
        }
    }

    public override IEnumerable<GatewayAddress> Addresses => _addresses;

    private UwsgiProtocolOptions Options => _application.Runtime.Options;

    public override async Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
    {
        if (_http is not null)
        {
            await _http.StartAsync(application, cancellationToken).ConfigureAwait(false);
        }

        using var locks = await _files.LockAsync().ConfigureAwait(false);
        foreach (var address in _asked)
        {
            try
            {
                Listen(address);
            }
            catch (SocketException e)
            {
                throw ListenSocket.Failure(address, e);
            }
        }

        _server.Start();
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(
                _server.StopAsync(cancellationToken), _http?.StopAsync(cancellationToken) ?? Task.CompletedTask).ConfigureAwait(false);
        }
        finally
        {
            await _files.RemoveAsync().ConfigureAwait(false);
        }
    }

    public override void Dispose()
    {
        _http?.Dispose();
        _server.Dispose();
        _files.Remove();
    }

    private void Listen(GatewayAddress address)
    {
        switch (address.EndPoint)
        {
            case DnsEndPoint localhost:
                ListenLocalhost(address, localhost.Port);
                break;
            case IPEndPoint any when any.Address.Equals(IPAddress.IPv6Any):
                ListenAny(address, any.Port);
                break;
            default:
                _addresses.Add(address with { EndPoint = Open(address, address.EndPoint) });
                break;
        }
    }

    /// <summary>Both families, or the one that there is.</summary>
    private void ListenLocalhost(GatewayAddress address, int port)
    {
        SocketException? missing = null;
        foreach (var loopback in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback])
        {
            try
            {
                _ = Open(address, new IPEndPoint(loopback, port));
            }
            catch (SocketException e)
            {
                missing = missing is null ? e : throw ListenSocket.Failure(address, missing);
            }
        }

        _addresses.Add(address);
    }

    /// <summary>Both families, or IPv4 alone where the system has no IPv6.</summary>
    private void ListenAny(GatewayAddress address, int port)
    {
        EndPoint opened;
        try
        {
            opened = Open(address, new IPEndPoint(IPAddress.IPv6Any, port));
        }
        catch (SocketException)
        {
            opened = Open(address, new IPEndPoint(IPAddress.Any, port));
        }

        _addresses.Add(address with { EndPoint = opened });
    }

    private EndPoint Open(GatewayAddress address, EndPoint endPoint)
    {
        var socket = new ListenSocket(address.Protocol, Options).Bind(endPoint);
        try
        {
            _files.OnBound(endPoint);
            socket.Listen(Options.Backlog);
            var opened = endPoint is FileHandleEndPoint or UnixDomainSocketEndPoint ? endPoint : socket.LocalEndPoint ?? endPoint;
            _server.Add(socket, isShared: endPoint is FileHandleEndPoint, Serve(address.Protocol));
            return opened;
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }
    }

    private Func<SocketConnection, Task> Serve(GatewayProtocol protocol) => protocol == GatewayProtocol.Any
        ? connection => _application.ExecuteAsync(connection, hasDirectOutput: true, protocol, _http!.ServeAsync)
        : connection => _application.ExecuteAsync(connection, hasDirectOutput: true, protocol);
}
