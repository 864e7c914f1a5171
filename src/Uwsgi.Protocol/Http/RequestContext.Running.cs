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

    /// <summary>Whether a file is its answer, and the app is not asked.</summary>
    public bool IsStatic { get; set; }

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
        _runtime.Requests!.Leave(slot, this, OutcomeOf(reason) with { HasThrown = HasThrown || HasCaught() });
    }

    /// <summary>The request has been ended in its handler's place, which may never come back: it stays in the table, and its end is told now.</summary>
    /// <param name="reason">Why it has ended.</param>
    private void TellEnd(EndReason reason)
    {
        if (_slot is { } slot)
        {
            // Of its features those that are asked for have slots of their own, which any thread may read.
            _runtime.Requests!.TellEnd(slot, this, this, OutcomeOf(reason));
        }
    }

    private RequestOutcome OutcomeOf(EndReason reason)
    {
        var head = Response.Head;
        return new RequestOutcome
        {
            Reason = reason,
            StatusCode = IsAnsweredInItsPlace ? StatusCodes.Status504GatewayTimeout : _statusCode,

            // Not among the headers: the status, and the empty line.
            HeaderCount = head.IsEmpty ? 0 : head.Count((byte)'\n') - 2,
            HeadSize = head.Length,
            BodySize = Response.BodySize,
            Delivery = Response.Delivery,
            IsStatic = IsStatic,
            HasReadError = Body?.HasFailed == true,
            HasWriteError = reason is EndReason.PeerGone or EndReason.WriteCanceled,
        };
    }

    /// <summary>Whether a middleware has made an error page of an exception.</summary>
    private bool HasCaught() =>
        _statusCode >= StatusCodes.Status500InternalServerError && ((IFeatureCollection)this).Get<IExceptionHandlerFeature>() is not null;
}
