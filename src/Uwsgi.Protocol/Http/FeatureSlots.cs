using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Uwsgi.Protocol.RequestLog;
using Uwsgi.Protocol.Requests;

namespace Uwsgi.Protocol.Http;

/// <summary>The features that have a slot of their own in the request: the first ones it has itself, the others are objects that it, hosting and middleware set.</summary>
internal static class FeatureSlots
{
    private static readonly Type[] Own =
    [
        typeof(IHttpRequestFeature),
        typeof(IHttpResponseFeature),
        typeof(IHttpResponseBodyFeature),
        typeof(IHttpRequestLifetimeFeature),
        typeof(IHttpRequestIdentifierFeature),
        typeof(IHttpConnectionFeature),
        typeof(IHttpRequestBodyDetectionFeature),
        typeof(IRequestBodyPipeFeature),
        typeof(IHttpUpgradeFeature),
        typeof(IHttpBodyControlFeature),
        typeof(IHttpMaxRequestBodySizeFeature),
        typeof(IHttpMinRequestBodyDataRateFeature),
        typeof(IGatewayRequestFeature),
        typeof(IRunningRequest),
    ];

    private static readonly Type[] Others =
    [
        typeof(IServerVariablesFeature),
        typeof(ITlsConnectionFeature),
        typeof(ITlsHandshakeFeature),
        typeof(IServiceProvidersFeature),
        typeof(IItemsFeature),
        typeof(IQueryFeature),
        typeof(IFormFeature),
        typeof(IRequestCookiesFeature),
        typeof(IResponseCookiesFeature),
        typeof(IEndpointFeature),
        typeof(IRouteValuesFeature),
        typeof(IHttpAuthenticationFeature),
        typeof(ISessionFeature),
        typeof(IHttpMetricsTagsFeature),
        typeof(IHttpActivityFeature),
        typeof(IHttpWebSocketFeature),
        typeof(IBadRequestExceptionFeature),
        typeof(IHttpRequestTrailersFeature),
        typeof(IHarakiriFeature),
        typeof(ILogVariablesFeature),
    ];

    public static readonly Type[] All = [.. Own, .. Others];

    public static int OwnCount => Own.Length;

    public static int IndexOf(Type type) => Array.IndexOf(All, type);

    /// <summary>The slot of a type known when the code is compiled: looked up once.</summary>
    public static class For<T>
    {
        public static readonly int Index = IndexOf(typeof(T));
    }
}
