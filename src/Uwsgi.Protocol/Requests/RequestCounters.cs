using Uwsgi.Protocol.Connections;

namespace Uwsgi.Protocol.Requests;

/// <summary>What requests that have ended add up to.</summary>
internal record struct RequestCounters
{
    public long Requests { get; private set; }

    /// <summary>Those that a file has answered, and not the app.</summary>
    public long Static { get; private set; }

    /// <summary>Those whose response was left to a file behind them.</summary>
    public long Offloaded { get; private set; }

    /// <summary>Those in which the app threw what it did not catch.</summary>
    public long Exceptions { get; private set; }

    /// <summary>Those with a status from 500 on, and those whose response did not reach its end through no fault of the front end's.</summary>
    public long Failures { get; private set; }

    public long ReadErrors { get; private set; }

    public long WriteErrors { get; private set; }

    /// <summary>The bytes of their responses, heads and bodies.</summary>
    public long Sent { get; private set; }

    /// <summary>The time that the app's took together, in microseconds.</summary>
    public long Microseconds { get; private set; }

    public void Add(in RequestOutcome outcome, long microseconds)
    {
        Requests++;
        Static += outcome.IsStatic ? 1 : 0;
        Offloaded += outcome.Delivery is FileDelivery.Offload ? 1 : 0;
        Exceptions += outcome.HasThrown ? 1 : 0;
        Failures += outcome.StatusCode >= 500 || outcome.Reason is not (EndReason.Completed or EndReason.Upgraded or EndReason.PeerGone) ? 1 : 0;
        ReadErrors += outcome.HasReadError ? 1 : 0;
        WriteErrors += outcome.HasWriteError ? 1 : 0;
        Sent += outcome.HeadSize + outcome.BodySize;
        Microseconds += outcome.IsStatic ? 0 : microseconds;
    }

    public void Add(in RequestCounters others)
    {
        Requests += others.Requests;
        Static += others.Static;
        Offloaded += others.Offloaded;
        Exceptions += others.Exceptions;
        Failures += others.Failures;
        ReadErrors += others.ReadErrors;
        WriteErrors += others.WriteErrors;
        Sent += others.Sent;
        Microseconds += others.Microseconds;
    }
}
