namespace Uwsgi.Protocol.Wire;

/// <summary>What a front end wants an application to be. Other values may come, and are answered with <see cref="FastCgiProtocolStatus.UnknownRole"/>.</summary>
/// <remarks>FastCGI 1.0, section 6.</remarks>
public enum FastCgiRole
{
    /// <summary>No role: never on the wire.</summary>
    None = 0,

    /// <summary>FCGI_RESPONDER: answers an HTTP request, as CGI does. Section 6.2.</summary>
    Responder = 1,

    /// <summary>FCGI_AUTHORIZER: says whether an HTTP request is allowed. Section 6.3.</summary>
    Authorizer = 2,

    /// <summary>FCGI_FILTER: answers with a file that it has worked on. Section 6.4.</summary>
    Filter = 3,
}
