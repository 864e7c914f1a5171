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
/// The second server beside the app's own: a private Kestrel that opens our endpoints and nothing else. On the app's own Kestrel they would
/// silence its URLs.
/// </summary>
internal sealed class GatewayEngine : IDisposable
{
    private readonly List<(GatewayAddress Address, ListenOptions Options)> _listens = [];
    private readonly List<SocketFile> _files = [];
    private readonly KestrelServerOptions _options;
    private readonly KestrelServer _server;
    private GatewayAddress? _binding;

    public GatewayEngine(
        IReadOnlyCollection<GatewayAddress> addresses,
        GatewayApplication application,
        KestrelServerOptions appOptions,
        IServiceProvider services,
        ILoggerFactory loggerFactory)
    {
        var options = application.Runtime.Options;
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
                    if (options.UnixSocket.RemoveAtStop)
                    {
                        _files.AddRange(FilesOf(endPoint));
                    }

                    return socket;
                },
            }),
            loggerFactory);
        _server = new KestrelServer(Options.Create(_options), transport, loggerFactory);
    }

    /// <summary>What is listened on, ports resolved.</summary>
    public IEnumerable<GatewayAddress> Addresses => _listens.Select(listen =>
        listen.Address.EndPoint is DnsEndPoint ? listen.Address : listen.Address with { EndPoint = listen.Options.EndPoint });

    public async Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        var locks = await LockAsync(_listens.SelectMany(listen => FilesOf(listen.Address.EndPoint))).ConfigureAwait(false);
        try
        {
            await _server.StartAsync(application, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (_binding is not null && CauseOf(e) is { } cause)
        {
            throw ListenSocket.Failure(_binding, cause);
        }
        finally
        {
            locks.ForEach(held => held?.Dispose());
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _server.StopAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            var locks = await LockAsync(_files).ConfigureAwait(false);
            RemoveFiles();
            locks.ForEach(held => held?.Dispose());
        }
    }

    public void Dispose()
    {
        _server.Dispose();
        RemoveFiles();
    }

    private static IEnumerable<SocketFile> FilesOf(EndPoint endPoint) =>
        endPoint is UnixDomainSocketEndPoint unix && ListenSocket.IsFile(unix) ? [new SocketFile(unix)] : [];

    // In order: no two wait for each other.
    private static async Task<List<IDisposable?>> LockAsync(IEnumerable<SocketFile> files)
    {
        List<IDisposable?> locks = [];
        foreach (var directory in files.Select(file => file.Directory).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            locks.Add(await DirectoryLock.TakeAsync(directory).ConfigureAwait(false));
        }

        return locks;
    }

    private void RemoveFiles()
    {
        _files.ForEach(file => file.Remove());
        _files.Clear();
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

    private void Listen(GatewayAddress address, GatewayApplication application)
    {
        void Configure(ListenOptions listen)
        {
            if (address.Protocol != GatewayProtocol.Any)
            {
                listen.Protocols = HttpProtocols.Http1;
            }

            listen.Use(http => connection => application.ExecuteAsync(connection, hasDirectOutput: true, address.Protocol, http));
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
