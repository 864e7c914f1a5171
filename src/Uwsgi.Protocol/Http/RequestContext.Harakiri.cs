using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Harakiri;

namespace Uwsgi.Protocol.Http;

// The request as harakiri sees it: what may be done to it while the app is at work on it.
internal abstract partial class RequestContext
{
    private WatchedGatewayRequest? _usualWatch;
    private KillOutcome _killed;
    private bool _isOverTime;

    // When it began; 0 where the table knows it, or nobody wants to know.
    private long _started;

    /// <summary>Its deadline; null where it has none.</summary>
    public WatchedRequest? Watch { get; private set; }

    /// <summary>Whether it was ended in its handler's place, with an answer or without: nothing more is to be done about the connection.</summary>
    public bool IsKilled => _killed is KillOutcome.Answered or KillOutcome.Cut;

    /// <summary>Whether it was ended in its handler's place, with an answer.</summary>
    public bool IsAnsweredInItsPlace => _killed is KillOutcome.Answered;

    /// <summary>Whether the app, back after its time, has answered nothing.</summary>
    public bool HasSaidNothing =>
        !IsUpgraded && !Response.IsHeadWritten && Response.BytesWritten == 0 && LateAnswer.IsNone(_statusCode, ResponseHeaders.ContentLength);

    /// <summary>Whether the app was told to stop, for its time was over.</summary>
    public bool IsOverTime => Volatile.Read(ref _isOverTime);

    /// <summary>Why it was aborted.</summary>
    public EndReason AbortReason => IsKilled ? EndReason.Harakiri : EndReason.PeerGone;

    /// <summary>Watches it from now on, to its last byte; where it is watched already, other options begin to count.</summary>
    public void BeginWatch(HarakiriMonitor monitor, HarakiriOptions options)
    {
        if (Watch is { } current)
        {
            current.Use(options);
            return;
        }

        var watch = _usualWatch ??= new WatchedGatewayRequest(this, monitor);
        var endpoint = (IEndpointFeature?)GetSlot(FeatureSlots.For<IEndpointFeature>.Index);
        if (endpoint is null)
        {
            // Nobody keeps a copy of what was not there: the revision stays.
            SetSlot<IEndpointFeature>(watch);
        }

        SetSlot<IHarakiriFeature>(watch);
        Watch = watch;
        watch.Begin(options, _slot is { } slot ? monitor.At(slot.Started) : _started != 0 ? _started : monitor.Now, endpoint?.Endpoint);
    }

    /// <summary>Its time is over: tells the app to stop, unless its response is complete.</summary>
    public void OnDeadline()
    {
        lock (_lifetimeGate)
        {
            if (!_isLifetimeOver)
            {
                Volatile.Write(ref _isOverTime, true);
                _lifetime?.Cancel();
            }
        }
    }

    /// <summary>Ends it whatever the app does: with 504 where nothing of its response has left, else so that the front end can tell its end from one in order.</summary>
    public KillOutcome Kill()
    {
        var exchange = _exchange!;
        var wasAborted = IsAborted;
        var outcome = Response.EndInPlaceOfApp(ResponseBody, StatusCodes.Status504GatewayTimeout, _runtime.Date, out var sent);
        UpgradeStream? upgrade = null;
        if (outcome is not KillOutcome.Complete)
        {
            lock (_lifetimeGate)
            {
                IsAborted = true;
                _killed = outcome;
                upgrade = _upgrade;
            }
        }

        // What the app reads ends too: the rest of the body may never come.
        _ = Body?.StopAsync();
        upgrade?.Abort();
        exchange.OnKilled(outcome, sent);
        TellEnd(outcome is KillOutcome.Complete ? EndReason.Completed : wasAborted ? EndReason.PeerGone : EndReason.Harakiri);
        return outcome;
    }
}
