using System.Runtime.Versioning;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Ini;

namespace Uwsgi.Protocol.Hosting;

/// <summary>
/// Two servers as one: the app's own, untouched, and beside it one for front ends. Both get the app as hosting hands it over, so a request
/// is logged, measured and traced alike whichever way it came.
/// </summary>
internal sealed partial class GatewayServer : IServer
{
    private readonly IServer? _inner;
    private readonly bool _ownsInner;
    private readonly IServiceProvider _services;
    private readonly GatewayListener _listener;
    private readonly UwsgiProtocolOptions _options;
    private readonly ILoggerFactory _loggerFactory;
    private readonly ILogger _logger;
    private readonly GatewayAddressesFeature _addresses;
    private SocketFiles? _httpFiles;
    private GatewayRuntime? _runtime;
    private GatewayEngine? _engine;
    private bool _isInnerStarted;

    public GatewayServer(IServer? inner, bool ownsInner, IServiceProvider services)
    {
        _inner = inner;
        _ownsInner = ownsInner;
        _services = services;
        _listener = services.GetRequiredService<GatewayListener>();
        _options = services.GetRequiredService<IOptions<UwsgiProtocolOptions>>().Value;
        _loggerFactory = services.GetRequiredService<ILoggerFactory>();
        _logger = _loggerFactory.CreateLogger("Uwsgi.Protocol.Hosting");
        Features = inner is null ? new FeatureCollection() : new FeatureCollection(inner.Features);
        _addresses = new GatewayAddressesFeature(inner?.Features.Get<IServerAddressesFeature>(), _listener);
        Features.Set<IServerAddressesFeature>(_addresses);
    }

    public IFeatureCollection Features { get; }

    private bool IsInnerServing => _inner is not null && _options.ServeHttp && (!_options.IsDefaultHttpClosed || IsHttpNamed);

    private bool IsHttpNamed =>
        _options.IsServeHttpSet || _addresses.IsHttpRequested || _options.IsHttpConfigured || _options.HttpEndPoints.Count > 0 || _listener.Addresses.Count > 0;

    public async Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        if (_services.GetService<ConfigurationListing>() is { } listing)
        {
            Show(listing);
            return;
        }

        // Read first: a mistake in them stops the start before anything is open.
        var endpoints = FindEndpoints();
        var kestrel = _services.GetRequiredService<IOptions<KestrelServerOptions>>().Value;
        _options.Limits.Follow(kestrel.Limits);
        ThrowIfClosed();
        _runtime = GatewayRuntime.Create(_services);
        var gateway = new GatewayApplication<TContext>(application, _runtime);
        _listener.Start(gateway);
        try
        {
            if (IsInnerServing)
            {
                _isInnerStarted = true;
                await StartInnerAsync(application, cancellationToken).ConfigureAwait(false);
            }

            if (endpoints.Count > 0)
            {
                _engine = IsDirect()
                    ? new DirectEngine(endpoints, gateway, kestrel, _services, _loggerFactory)
                    : new KestrelEngine(endpoints, gateway, kestrel, _services, _loggerFactory);
                await _engine.StartAsync(application, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            // No half-started host: what is open is closed again.
            await TryStopAsync().ConfigureAwait(false);
            throw;
        }

        OnStarted();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // Together: one window of time for the requests of both.
        await Task.WhenAll(
            _engine?.StopAsync(cancellationToken) ?? Task.CompletedTask,
            _isInnerStarted ? StopInnerAsync(cancellationToken) : Task.CompletedTask).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _engine?.Dispose();
        if (_ownsInner)
        {
            _inner?.Dispose();
        }

        _httpFiles?.Remove();
        _runtime?.Dispose();
    }

    private async Task StartInnerAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        _httpFiles = new SocketFiles(_options.HttpEndPoints, _options.UnixSocket);
        using var locks = await _httpFiles.LockAsync().ConfigureAwait(false);
        _options.HttpEndPoints.ForEach(_httpFiles.OnBound);
        await _inner!.StartAsync(application, cancellationToken).ConfigureAwait(false);
    }

    private async Task StopInnerAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _inner!.StopAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await (_httpFiles?.RemoveAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        }
    }

    /// <summary>Nothing is opened, and the app ends as soon as its start has.</summary>
    private void Show(ConfigurationListing listing)
    {
        listing.Write();
        _addresses.SetBound([], isInnerSilent: true);
        var lifetime = _services.GetService<IHostApplicationLifetime>();
        lifetime?.ApplicationStarted.Register(lifetime.StopApplication);
    }

    [SupportedOSPlatformGuard("linux")]
    private bool IsDirect()
    {
        if (_options.Transport == GatewayTransport.Direct && !OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException("UwsgiProtocolOptions.Transport: the direct transport needs Linux.");
        }

        return _options.Transport != GatewayTransport.Kestrel && OperatingSystem.IsLinux();
    }

    private async Task TryStopAsync()
    {
        try
        {
            await StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Why the start failed is the news.
            Log.CleanUpFailed(_logger, e);
        }
    }

    /// <summary>Endpoints of the app's own Kestrel open with it, or not at all: without a word they would be missed.</summary>
    private void ThrowIfClosed()
    {
        if (!IsInnerServing && _listener.Addresses.FirstOrDefault() is { } closed)
        {
            throw new InvalidOperationException(
                $"The endpoint {closed.Address} is one of the app's own Kestrel, which is not started because " +
                (_inner is null ? "it is not registered. Call UseKestrel() before UseUwsgiProtocol()," : "UwsgiProtocolOptions.ServeHttp is false. Set it to true,") +
                " or open the endpoint by UwsgiProtocolOptions.Listen.");
        }
    }

    private List<GatewayAddress> FindEndpoints()
    {
        foreach (var (_, name) in SystemdSockets.AreHere ? _options.SystemdEndpoints : [])
        {
            if (!SystemdSockets.Find(name).Any())
            {
                Log.SystemdSocketMissing(_logger, name ?? "any");
            }
        }

        var requested = _addresses.Requested.Select(url => GatewayAddress.TryParseUrl(url, out var address) ? address : null).OfType<GatewayAddress>();
        return SystemdSockets.Resolve([.. _options.Endpoints, .. requested], _options.SystemdEndpoints, SystemdSockets.Find);
    }

    private void OnStarted()
    {
        GatewayAddress[] addresses = [.. _engine?.Addresses ?? []];
        _addresses.SetBound(addresses.Select(address => address.ToString()), isInnerSilent: !_isInnerStarted);
        var reachable = addresses.Where(address => address.IsReachableFromOutside).Select(address => address.ToString())
            .Concat(_listener.Addresses.Where(address => address.IsReachableFromOutside).Select(address => address.Address));
        foreach (var address in _options.AllowedNetworks.Count == 0 ? reachable : [])
        {
            Log.ReachableFromOutside(_logger, address);
        }

        if (addresses.Length > 0 && _options.ServeHttp && !_isInnerStarted && _inner is not null)
        {
            Log.HttpClosed(_logger);
        }

        if (addresses.Length == 0 && !_isInnerStarted)
        {
            Log.NothingOpen(_logger);
        }

        if (addresses.Length > 0 && SystemBacklog.Limit is { } limit && limit < _options.Backlog)
        {
            Log.BacklogLimited(_logger, _options.Backlog, limit);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "{Address} can be reached from other hosts. The protocol carries no authentication: whoever reaches the port decides REMOTE_ADDR and REMOTE_USER. See UwsgiProtocolOptions.AllowedNetworks.",
            EventName = nameof(ReachableFromOutside))]
        public static partial void ReachableFromOutside(ILogger logger, string address);

        [LoggerMessage(2, LogLevel.Warning,
            "The backlog is {Backlog}, but the system allows {Limit} (net.core.somaxconn): a burst of more connections is refused.",
            EventName = nameof(BacklogLimited))]
        public static partial void BacklogLimited(ILogger logger, int backlog, int limit);

        [LoggerMessage(4, LogLevel.Warning,
            "Nothing is listened on: there is no endpoint for front ends, and none for HTTP. See UwsgiProtocolOptions.Listen and ServeHttp.",
            EventName = nameof(NothingOpen))]
        public static partial void NothingOpen(ILogger logger);

        [LoggerMessage(5, LogLevel.Warning,
            "systemd started this process with sockets, but without that of the name asked for: {Name}. See FileDescriptorName= of the socket unit.",
            EventName = nameof(SystemdSocketMissing))]
        public static partial void SystemdSocketMissing(ILogger logger, string name);

        [LoggerMessage(7, LogLevel.Information,
            "HTTP is closed, because the section uwsgi names sockets and none for HTTP. What opens it: http-socket there, urls, Kestrel:Endpoints, or UwsgiProtocolOptions.ServeHttp set to true.",
            EventName = nameof(HttpClosed))]
        public static partial void HttpClosed(ILogger logger);

        [LoggerMessage(6, LogLevel.Debug, "Closing what was open when the start failed has failed too.", EventName = nameof(CleanUpFailed))]
        public static partial void CleanUpFailed(ILogger logger, Exception exception);
    }
}
