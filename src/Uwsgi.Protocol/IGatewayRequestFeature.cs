using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol;

/// <summary>How a request reached the app through a front end: <c>context.Features.Get&lt;IGatewayRequestFeature&gt;()</c>.</summary>
public interface IGatewayRequestFeature
{
    /// <summary>The protocol that the front end spoke, on an endpoint for all of them too.</summary>
    GatewayProtocol Protocol { get; }

    /// <summary>uwsgi: the packet's <c>modifier1</c> (nginx <c>uwsgi_modifier1</c>); 0 is a standard request.</summary>
    byte Modifier1 { get; }

    /// <summary>uwsgi: the packet's <c>modifier2</c> (nginx <c>uwsgi_modifier2</c>).</summary>
    byte Modifier2 { get; }

    /// <summary>FastCGI: what the front end asks the app to be; Responder for every other protocol.</summary>
    FastCgiRole Role { get; }

    /// <summary>FastCGI: the request's id on its connection; 0 for every other protocol.</summary>
    ushort RequestId { get; }
}
