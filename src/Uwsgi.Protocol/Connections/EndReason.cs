namespace Uwsgi.Protocol.Connections;

/// <summary>Why a connection or a request ended. The name is the word in the log and the metric's <c>error.type</c>.</summary>
internal enum EndReason
{
    /// <summary>The response is complete.</summary>
    Completed,

    /// <summary>The protocol was upgraded, and both sides are done.</summary>
    Upgraded,

    /// <summary>A ping was answered.</summary>
    Ping,

    /// <summary>Its first bytes have told its protocol: whoever speaks that goes on with it, and tells its end.</summary>
    HandedOver,

    /// <summary>The peer closed without a byte: Apache does so before it refuses a request itself.</summary>
    ClosedBeforeRequest,

    /// <summary>The server is stopping, and no request had begun.</summary>
    Stopping,

    /// <summary>The peer is not on the list of those who may connect.</summary>
    PeerNotAllowed,

    /// <summary>The head is malformed, or too large; the <see cref="Wire.WireError"/> says how.</summary>
    Malformed,

    /// <summary>No byte came in the time for one.</summary>
    IdleTimeout,

    /// <summary>The head did not come in the time for it.</summary>
    RequestHeadTimeout,

    /// <summary>As many requests as may be are in the app already.</summary>
    TooManyRequests,

    /// <summary>The peer reset the connection, or closed it before the response was out.</summary>
    PeerGone,

    /// <summary>The app failed when its response had begun.</summary>
    AppFailed,

    /// <summary>The app wrote fewer bytes than its Content-Length.</summary>
    ResponseTooShort,

    /// <summary>The app aborted the request.</summary>
    AppAborted,

    /// <summary>A write was cancelled by the app's token in the middle of the response.</summary>
    WriteCanceled,

    /// <summary>The front end took nothing of a file for too long.</summary>
    OffloadIdle,

    /// <summary>It took too long, and was ended whether or not its handler had come back.</summary>
    Harakiri,
}
