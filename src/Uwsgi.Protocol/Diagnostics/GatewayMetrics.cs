using System.Diagnostics;
using System.Diagnostics.Metrics;
using Uwsgi.Protocol.Transport;

namespace Uwsgi.Protocol.Diagnostics;

/// <summary>
/// What neither ASP.NET Core's hosting (<c>http.server.*</c>) nor Kestrel (<c>kestrel.*</c>) counts: requests that never reached the app,
/// and those whose response did not reach its end.
/// </summary>
internal sealed class GatewayMetrics : IDisposable
{
    public const string MeterName = "Uwsgi.Protocol";

    private readonly Meter _meter;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _aborted;
    private readonly Counter<long> _pings;
    private readonly UpDownCounter<long> _connections;
    private readonly Histogram<double> _connectionDuration;
    private readonly UpDownCounter<long> _activeOffloads;
    private readonly Counter<long> _offloaded;
    private long _offloadCount;

    public GatewayMetrics(IMeterFactory meterFactory)
    {
        _meter = meterFactory.Create(MeterName);
        _rejected = _meter.CreateCounter<long>(
            "uwsgi_protocol.rejected_requests", "{request}", "Requests refused before they reached the app.");
        _aborted = _meter.CreateCounter<long>(
            "uwsgi_protocol.aborted_requests", "{request}", "Requests whose response did not reach its end.");
        _connections = _meter.CreateUpDownCounter<long>(
            "uwsgi_protocol.active_connections", "{connection}", "Connections of the direct transport.");
        _connectionDuration = _meter.CreateHistogram<double>(
            "uwsgi_protocol.connection.duration", "s", "How long connections of the direct transport lasted.");
        _activeOffloads = _meter.CreateUpDownCounter<long>(
            "uwsgi_protocol.offload.active", "{file}", "Files on their way to front ends, behind their requests.");
        _offloaded = _meter.CreateCounter<long>(
            "uwsgi_protocol.offloaded_requests", "{request}", "Requests whose response was left to a file that was sent behind them.");
        _pings = _meter.CreateCounter<long>("uwsgi_protocol.pings", "{ping}", "Pings answered.");
    }

    public void Rejected(GatewayProtocol protocol, string errorType) => Add(_rejected, protocol, errorType);

    public void Aborted(GatewayProtocol protocol, string errorType) => Add(_aborted, protocol, errorType);

    public void Pinged()
    {
        if (_pings.Enabled)
        {
            _pings.Add(1);
        }
    }

    /// <summary>A connection of the direct transport begins; of Kestrel's transport, Kestrel tells.</summary>
    /// <returns>What <see cref="OnConnectionEnded"/> asks for.</returns>
    public long OnConnectionStarted(SocketConnection connection)
    {
        if (_connections.Enabled)
        {
            _connections.Add(1);
        }

        if (!_connectionDuration.Enabled)
        {
            return 0;
        }

        connection.CollectTags();
        return Stopwatch.GetTimestamp();
    }

    public void OnConnectionEnded(SocketConnection connection, long started)
    {
        if (_connections.Enabled)
        {
            _connections.Add(-1);
        }

        if (started != 0)
        {
            TagList tags = [.. connection.Tags];
            tags.Add("network.transport", connection.IsUnix ? "unix" : "tcp");
            _connectionDuration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, tags);
        }
    }

    /// <summary>Requests whose response was left to a file so far: uWSGI's offloaded_requests.</summary>
    public long OffloadedRequests => Interlocked.Read(ref _offloadCount);

    public void OnOffloadStarted(GatewayProtocol protocol)
    {
        Interlocked.Increment(ref _offloadCount);
        _offloaded.Add(1, ProtocolTag(protocol));
        _activeOffloads.Add(1, ProtocolTag(protocol));
    }

    public void OnOffloadEnded(GatewayProtocol protocol) => _activeOffloads.Add(-1, ProtocolTag(protocol));

    public void Dispose() => _meter.Dispose();

    private static KeyValuePair<string, object?> ProtocolTag(GatewayProtocol protocol) =>
        new("network.protocol.name", Hosting.GatewayAddress.Scheme(protocol));

    private static void Add(Counter<long> counter, GatewayProtocol protocol, string errorType)
    {
        if (counter.Enabled)
        {
            counter.Add(1, new TagList
            {
                { "network.protocol.name", Hosting.GatewayAddress.Scheme(protocol) },
                { "error.type", errorType },
            });
        }
    }
}
