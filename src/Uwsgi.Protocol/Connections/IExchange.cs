using System.IO.Pipelines;
using Uwsgi.Protocol.Harakiri;
using Uwsgi.Protocol.Http;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>One request's way to and from the front end: what differs between the protocols.</summary>
internal interface IExchange
{
    GatewayProtocol Protocol { get; }

    /// <summary>Which of its connection's requests this is, from 1.</summary>
    int Number { get; }

    /// <summary>How the response names its status.</summary>
    ResponseHeadStyle HeadStyle { get; }

    /// <summary>The body's bytes, and whatever comes behind them.</summary>
    PipeReader Input { get; }

    /// <summary>The response's bytes.</summary>
    PipeWriter Output { get; }

    /// <summary><see cref="Output"/> where it needs no copy of what is large; else null.</summary>
    IDirectOutput? DirectOutput { get; }

    /// <summary>Whether the front end can be asked to hand its connection over (WebSockets).</summary>
    bool CanUpgrade { get; }

    /// <summary>Ends the exchange so that the front end can tell it from a complete one.</summary>
    void Abort(EndReason reason);

    /// <summary>The front end takes no more of the response.</summary>
    void OnPeerGone();

    /// <summary>Takes the rest of a body that the app did not read, before a response that has not begun to leave, where that must be.</summary>
    Task DrainAsync(RequestBody body);

    /// <summary>All of the response is with <see cref="Output"/>, and the next flush is its last: what ends it goes out with it.</summary>
    void OnResponseEnding();

    /// <summary>The response is complete: tells the front end so, where it is waiting to be told.</summary>
    /// <param name="isAppAtWork">Whether the app has still something to do; without, the end of the exchange comes at once and may tell it.</param>
    void OnResponseCompleted(bool isAppAtWork);

    /// <summary>The exchange ends, though the app is still at work on it, and may have the request's body in hand.</summary>
    /// <param name="outcome">What has become of the response.</param>
    /// <param name="sent">Ends when what is left of it has been sent.</param>
    void OnKilled(KillOutcome outcome, Task sent);
}
