using System.Diagnostics;
using System.Diagnostics.Metrics;
using Uwsgi.Protocol.Diagnostics;

namespace Uwsgi.Protocol.Harakiri;

/// <summary>What harakiri counts, of requests of every server.</summary>
internal sealed class HarakiriMetrics
{
    private readonly Counter<long> _kills;
    private readonly UpDownCounter<long> _stuck;

    public HarakiriMetrics(IMeterFactory meterFactory)
    {
        // The factory's: it is disposed of there.
        var meter = meterFactory.Create(GatewayMetrics.MeterName);
        _kills = meter.CreateCounter<long>(
            "uwsgi_protocol.harakiri.kills", "{request}", "Requests that have passed their deadline.");
        _stuck = meter.CreateUpDownCounter<long>(
            "uwsgi_protocol.harakiri.stuck", "{request}", "Handlers that still run though their requests have been ended.");
    }

    public void Killed(string protocol, string? route)
    {
        if (_kills.Enabled)
        {
            var tags = new TagList { { "network.protocol.name", protocol } };
            if (route is not null)
            {
                tags.Add("http.route", route);
            }

            _kills.Add(1, tags);
        }
    }

    public void Stuck(int change, string protocol)
    {
        if (_stuck.Enabled)
        {
            _stuck.Add(change, new TagList { { "network.protocol.name", protocol } });
        }
    }
}
