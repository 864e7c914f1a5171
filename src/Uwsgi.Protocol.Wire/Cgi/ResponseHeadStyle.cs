namespace Uwsgi.Protocol.Wire;

/// <summary>How a response names its status.</summary>
public enum ResponseHeadStyle
{
    /// <summary><c>HTTP/1.1 200 OK</c>: uwsgi.</summary>
    StatusLine,

    /// <summary><c>Status: 200 OK</c>: SCGI and FastCGI (RFC 3875, section 6.3.3).</summary>
    StatusHeader,

    /// <summary><c>Status: 200 OK</c> before all other headers, Location too: the answer of an authorizer (FastCGI, section 6.3).</summary>
    StatusHeaderFirst,
}
