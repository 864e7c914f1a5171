namespace Uwsgi.Protocol.Requests;

/// <summary>How a response's file went to the front end; uWSGI's "via".</summary>
internal enum FileDelivery
{
    /// <summary>There was none, or it was copied like other bodies.</summary>
    None,

    /// <summary>By sendfile(2), within its request.</summary>
    Sendfile,

    /// <summary>It was left to be sent behind its request.</summary>
    Offload,
}
