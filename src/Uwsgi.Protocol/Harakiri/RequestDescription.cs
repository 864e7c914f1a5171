using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Uwsgi.Protocol.Diagnostics;

namespace Uwsgi.Protocol.Harakiri;

/// <summary>What a log says of a request: texts, safe to be printed.</summary>
/// <param name="Protocol">As metrics name it.</param>
/// <param name="Address">The client's.</param>
/// <param name="Method">Its method.</param>
/// <param name="Target">Its path and query.</param>
/// <param name="Endpoint">Its endpoint's name.</param>
/// <param name="Route">Its endpoint's pattern.</param>
/// <param name="TraceId">Its trace's id; "none" where nobody traces.</param>
/// <param name="TraceIdentifier">Its own id.</param>
internal readonly record struct RequestDescription(
    string Protocol, string Address, string Method, string Target, string? Endpoint, string? Route, string TraceId, string TraceIdentifier)
{
    public static RequestDescription Of(
        string protocol,
        string address,
        IHttpRequestFeature request,
        IHttpRequestIdentifierFeature? identifier,
        IHttpActivityFeature? activity,
        Endpoint? endpoint) => new(
            protocol,
            PrintableText.Of(address),
            PrintableText.Of(request.Method),
            PrintableText.Of(request.RawTarget),
            endpoint?.DisplayName is { } name ? PrintableText.WithSpaces(name) : null,
            (endpoint as RouteEndpoint)?.RoutePattern.RawText,
            activity?.Activity.TraceId.ToHexString() ?? "none",
            PrintableText.Of(identifier?.TraceIdentifier ?? ""));
}
