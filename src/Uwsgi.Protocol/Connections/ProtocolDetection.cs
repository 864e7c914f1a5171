using Microsoft.AspNetCore.Connections;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>The beginning of a connection on a port for all protocols: over when it is known which one its peer speaks.</summary>
internal sealed class ProtocolDetection(GatewayApplication application, ConnectionContext connection, bool hasDirectOutput)
    : GatewayConnection(application, connection, hasDirectOutput)
{
    private Opening _opening;

    public override GatewayProtocol Protocol => GatewayProtocol.Any;

    /// <summary>Whether it is known; otherwise the connection is over.</summary>
    /// <param name="protocol">The protocol; null is HTTP.</param>
    public bool HasTold(out GatewayProtocol? protocol)
    {
        protocol = _opening.Protocol;
        return _opening.Reason == EndReason.HandedOver;
    }

    protected override void OnAbort()
    {
        // There is no request yet.
    }

    protected override async ValueTask<EndReason> ServeAsync()
    {
        try
        {
            _opening = await new ProtocolReader(Connection, Runtime).ReadAsync().ConfigureAwait(false);
            return _opening.Reason switch
            {
                EndReason.RequestHeadTimeout => RejectLate(_opening.Reason, nameof(UwsgiProtocolLimits.RequestHeadTimeout)),
                EndReason.IdleTimeout => RejectLate(_opening.Reason, nameof(UwsgiProtocolLimits.IdleTimeout)),
                var reason => reason,
            };
        }
        catch (WireFormatException e)
        {
            // Nobody knows in what language to answer.
            Error = e.Error;
            _ = OnRefused(e);
            return EndReason.Malformed;
        }
    }
}
