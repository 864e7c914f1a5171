using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Uwsgi.Protocol.Diagnostics;
using Uwsgi.Protocol.Harakiri;
using Uwsgi.Protocol.Hosting;
using Uwsgi.Protocol.Http;
using Uwsgi.Protocol.Requests;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>What all connections of one server share. Made when the server starts: the options are then what they will be.</summary>
internal sealed class GatewayRuntime : IDisposable
{
    private readonly KestrelServerOptions _kestrel;
    private bool _hasWarnedOfLargeHead;
    private long _requests;
    private long _upgrades;

    public GatewayRuntime(
        UwsgiProtocolOptions options, KestrelServerOptions kestrel, GatewayMetrics metrics, ILoggerFactory loggerFactory, TimeProvider time, RequestTable? requests = null)
    {
        _kestrel = kestrel;
        Options = options;
        Metrics = metrics;
        Requests = requests;
        Deadlines = new Deadlines(time);
        Date = new DateHeader(time);
        Peers = new PeerFilter(options);
        Log = new GatewayLog(loggerFactory.CreateLogger("Uwsgi.Protocol.Connections"));
        TargetRules = new CgiTargetRules
        {
            PathSource = options.PathSource,
            ScriptName = options.ScriptName,
            PathBase = options.PathBase,
        };

        // Read once: they are read for every request.
        MaxRequestBodySize = options.Limits.IsMaxRequestBodySizeSet
            ? options.Limits.MaxRequestBodySize
            : kestrel.Limits.MaxRequestBodySize;
        MinRequestBodyDataRate = options.Limits.IsMinRequestBodyDataRateSet
            ? options.Limits.MinRequestBodyDataRate
            : kestrel.Limits.MinRequestBodyDataRate;
    }

    public UwsgiProtocolOptions Options { get; }

    public UwsgiProtocolLimits Limits => Options.Limits;

    public GatewayMetrics Metrics { get; }

    /// <summary>The requests that run; null where nobody has asked for it.</summary>
    public RequestTable? Requests { get; }

    public GatewayLog Log { get; }

    /// <summary>Watches requests that take too long; null where nothing can.</summary>
    public HarakiriMonitor? Harakiri { get; init; }

    public Deadlines Deadlines { get; }

    public DateHeader Date { get; }

    public PeerFilter Peers { get; }

    public CgiTargetRules TargetRules { get; }

    public long? MaxRequestBodySize { get; }

    public MinDataRate? MinRequestBodyDataRate { get; }

    public bool AllowSynchronousIO => _kestrel.AllowSynchronousIO;

    public bool AddServerHeader => _kestrel.AddServerHeader;

    public Func<string, Encoding?> RequestHeaderEncoding => _kestrel.RequestHeaderEncodingSelector;

    public Func<string, Encoding?> ResponseHeaderEncoding => _kestrel.ResponseHeaderEncodingSelector;

    public static GatewayRuntime Create(IServiceProvider services) => new(
        services.GetRequiredService<IOptions<UwsgiProtocolOptions>>().Value,
        services.GetRequiredService<IOptions<KestrelServerOptions>>().Value,
        new GatewayMetrics(services.GetRequiredService<IMeterFactory>()),
        services.GetRequiredService<ILoggerFactory>(),
        services.GetService<TimeProvider>() ?? TimeProvider.System,
        services.GetService<RequestTable>() is { IsWanted: true } requests ? requests : null)
    {
        Harakiri = services.GetService<HarakiriMonitor>(),
    };

    /// <summary>Counts a request in, unless as many as may be are in already.</summary>
    public bool TryEnterRequest() => TryEnter(ref _requests, Limits.MaxConcurrentRequests);

    public void LeaveRequest() => Interlocked.Decrement(ref _requests);

    /// <summary>Counts an upgraded connection in, unless Kestrel's limit of them is reached.</summary>
    public bool TryEnterUpgrade() => TryEnter(ref _upgrades, _kestrel.Limits.MaxConcurrentUpgradedConnections);

    public void LeaveUpgrade() => Interlocked.Decrement(ref _upgrades);

    public void OnLargeHead(string connectionId, int size)
    {
        if (Interlocked.Exchange(ref _hasWarnedOfLargeHead, true))
        {
            Log.AnotherLargeHead(connectionId, size);
        }
        else
        {
            Log.LargeHead(connectionId, size);
        }
    }

    private static bool TryEnter(ref long count, long? max)
    {
        if (Interlocked.Increment(ref count) <= (max ?? long.MaxValue))
        {
            return true;
        }

        Interlocked.Decrement(ref count);
        return false;
    }

    public void Dispose()
    {
        Deadlines.Dispose();
        Metrics.Dispose();
    }
}
