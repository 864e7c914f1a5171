using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Requests;

namespace Uwsgi.Protocol.Http;

// The request in the table of those that run, where there is one.
internal abstract partial class RequestContext : IRunningRequest
{
    private RequestSlot? _slot;

    /// <summary>Whether the app has thrown what it did not catch.</summary>
    public bool HasThrown { get; set; }

    GatewayProtocol? IRunningRequest.Protocol => _exchange?.Protocol;

    IFeatureCollection IRunningRequest.Features => this;

    /// <summary>The request begins: its variables stay as they are until it leaves.</summary>
    public void Enter() => _slot = _runtime.Requests?.Enter(this);

    /// <summary>The request has ended; called in every case, before it is reset.</summary>
    public void Leave(EndReason reason)
    {
        if (_slot is not { } slot)
        {
            return;
        }

        _slot = null;
        var head = Response.Head;
        _runtime.Requests!.Leave(slot, this, new RequestOutcome
        {
            Reason = reason,
            StatusCode = _statusCode,

            // Not among the headers: the status, and the empty line.
            HeaderCount = head.IsEmpty ? 0 : head.Count((byte)'\n') - 2,
            HeadSize = head.Length,
            BodySize = Response.BodySize,
            HasThrown = HasThrown || HasCaught(),
            HasReadError = Body?.HasFailed == true,
            HasWriteError = reason is EndReason.PeerGone or EndReason.WriteCanceled,
        });
    }

    /// <summary>Whether a middleware has made an error page of an exception.</summary>
    private bool HasCaught() =>
        _statusCode >= StatusCodes.Status500InternalServerError && ((IFeatureCollection)this).Get<IExceptionHandlerFeature>() is not null;
}
