using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Requests;

/// <summary>A request as the table sees it, whichever server it is of.</summary>
internal interface IRunningRequest
{
    /// <summary>The front end's protocol; null of HTTP.</summary>
    GatewayProtocol? Protocol { get; }

    /// <summary>
    /// Its variables, the same from its beginning to its end; of HTTP the ones that a front end would send. Read by its own threads, and by
    /// others under its slot's lock alone.
    /// </summary>
    CgiVariables Variables { get; }

    /// <summary>Whether a file is its answer, and the app is not asked.</summary>
    bool IsStatic { get; set; }

    /// <summary>Its features: for its own threads alone.</summary>
    IFeatureCollection Features { get; }
}
