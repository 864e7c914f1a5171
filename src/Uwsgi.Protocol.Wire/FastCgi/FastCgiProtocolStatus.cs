namespace Uwsgi.Protocol.Wire;

/// <summary>How a FastCGI request ended, as far as the protocol goes.</summary>
/// <remarks>FastCGI 1.0, section 5.5.</remarks>
public enum FastCgiProtocolStatus : byte
{
    /// <summary>FCGI_REQUEST_COMPLETE: in the normal way.</summary>
    RequestComplete = 0,

    /// <summary>FCGI_CANT_MPX_CONN: refused, because the connection has a request already.</summary>
    CannotMultiplex = 1,

    /// <summary>FCGI_OVERLOADED: refused, because there are too many.</summary>
    Overloaded = 2,

    /// <summary>FCGI_UNKNOWN_ROLE: refused, because the application does not know the role.</summary>
    UnknownRole = 3,
}
