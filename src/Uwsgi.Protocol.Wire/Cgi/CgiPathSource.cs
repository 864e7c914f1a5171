namespace Uwsgi.Protocol.Wire;

/// <summary>Which variable the path of a request is taken from.</summary>
public enum CgiPathSource
{
    /// <summary>REQUEST_URI: what the client asked for.</summary>
    RequestUri,

    /// <summary>PATH_INFO where it is sent: what the front end's rewrites made of it.</summary>
    PathInfo,

    /// <summary>DOCUMENT_URI where it is sent: nginx's <c>$document_uri</c>, rewrites applied.</summary>
    DocumentUri,
}
