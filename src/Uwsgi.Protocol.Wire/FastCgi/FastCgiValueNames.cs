namespace Uwsgi.Protocol.Wire;

/// <summary>Which facts about an application a front end asks for.</summary>
/// <remarks>FastCGI 1.0, section 4.1.</remarks>
[Flags]
public enum FastCgiValueNames
{
    /// <summary>None, or none that is known.</summary>
    None = 0,

    /// <summary>FCGI_MAX_CONNS.</summary>
    MaxConnections = 1,

    /// <summary>FCGI_MAX_REQS.</summary>
    MaxRequests = 2,

    /// <summary>FCGI_MPXS_CONNS.</summary>
    MultiplexConnections = 4,

    /// <summary>All three.</summary>
    All = MaxConnections | MaxRequests | MultiplexConnections,
}
