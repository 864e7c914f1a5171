namespace Uwsgi.Protocol;

/// <summary>What it means that a front end ends its side of a connection while the app works on the request.</summary>
public enum PeerHalfClose
{
    /// <summary>
    /// The client is gone, and <c>RequestAborted</c> fires (so nginx and the uWSGI router mean it), unless the front end is lighttpd,
    /// which passes on a client's half-close and still wants the answer.
    /// </summary>
    Auto,

    /// <summary>The client is gone: <c>RequestAborted</c> fires.</summary>
    Aborts,

    /// <summary>Nothing: only a reset or a failed write aborts the request.</summary>
    Ignored,
}
