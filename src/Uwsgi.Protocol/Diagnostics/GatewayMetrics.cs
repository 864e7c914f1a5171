using System.Diagnostics;
using System.Diagnostics.Metrics;

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

    public GatewayMetrics(IMeterFactory meterFactory)
    {
        _meter = meterFactory.Create(MeterName);
        _rejected = _meter.CreateCounter<long>(
            "uwsgi_protocol.rejected_requests", "{request}", "Requests refused before they reached the app.");
        _aborted = _meter.CreateCounter<long>(
            "uwsgi_protocol.aborted_requests", "{request}", "Requests whose response did not reach its end.");
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

    public void Dispose() => _meter.Dispose();

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
