using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Requests;

/// <summary>A request that has ended, as <see cref="IRequestListener"/> is told: good for as long as that call.</summary>
internal readonly ref struct EndedRequest
{
    /// <summary>The slot of a request that has had none: its head was refused.</summary>
    public const int NoSlot = -1;

    /// <summary>The front end's protocol; null of HTTP.</summary>
    public GatewayProtocol? Protocol { get; init; }

    /// <summary>
    /// Its variables: REQUEST_METHOD, REQUEST_URI, SERVER_PROTOCOL, REMOTE_ADDR and the others, as they came, so in whatever bytes a client likes.
    /// Empty where its head could not be read.
    /// </summary>
    public required CgiVariables Variables { get; init; }

    /// <summary>Its features; null where its head was refused, and where they are not to be read on this thread.</summary>
    public IFeatureCollection? Features { get; init; }

    public required RequestOutcome Outcome { get; init; }

    /// <summary>Its slot, uWSGI's core; or <see cref="NoSlot"/>.</summary>
    public required int Slot { get; init; }

    /// <summary>The number of requests that have ended, this one among them; uWSGI's <c>req</c>. Refused heads are not counted.</summary>
    public required long Number { get; init; }

    /// <summary>The number of those among them that were the app's; uWSGI's other <c>req</c>.</summary>
    public required long AppNumber { get; init; }

    /// <summary>When its head was complete.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>The time from there to its end.</summary>
    public required TimeSpan Duration { get; init; }
}
