using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Uwsgi.Protocol.Hosting;

/// <summary>Kestrel's options: what the app has set for its own HTTP endpoints, so that HTTP on one of ours is no different, and where it listens.</summary>
internal static class KestrelSettings
{
    /// <summary>New options with the settings of others, but for their endpoints.</summary>
    public static KestrelServerOptions CopyOf(KestrelServerOptions options)
    {
        var copy = new KestrelServerOptions
        {
            AddServerHeader = options.AddServerHeader,
            AllowAlternateSchemes = options.AllowAlternateSchemes,
            AllowHostHeaderOverride = options.AllowHostHeaderOverride,
            AllowResponseHeaderCompression = options.AllowResponseHeaderCompression,
            AllowSynchronousIO = options.AllowSynchronousIO,
            DisableStringReuse = options.DisableStringReuse,
            RequestHeaderEncodingSelector = options.RequestHeaderEncodingSelector,
            ResponseHeaderEncodingSelector = options.ResponseHeaderEncodingSelector,
            ApplicationServices = options.ApplicationServices,
        };
        Copy(options.Limits, copy.Limits);
        Copy(options.Limits.Http2, copy.Limits.Http2);
        return copy;
    }

    /// <summary>Listens on an end point of <see cref="GatewayAddress"/>.</summary>
    public static void Listen(KestrelServerOptions options, EndPoint endPoint, Action<ListenOptions> configure)
    {
        if (endPoint is DnsEndPoint localhost)
        {
            options.ListenLocalhost(localhost.Port, configure);
        }
        else if (endPoint is IPEndPoint any && any.Address.Equals(IPAddress.IPv6Any))
        {
            // Both families, or IPv4 alone where the system has no IPv6.
            options.ListenAnyIP(any.Port, configure);
        }
        else
        {
            options.Listen(endPoint, configure);
        }
    }

    private static void Copy(KestrelServerLimits from, KestrelServerLimits to)
    {
        to.KeepAliveTimeout = from.KeepAliveTimeout;
        to.MaxConcurrentConnections = from.MaxConcurrentConnections;
        to.MaxConcurrentUpgradedConnections = from.MaxConcurrentUpgradedConnections;
        to.MaxRequestBodySize = from.MaxRequestBodySize;
        to.MaxRequestBufferSize = from.MaxRequestBufferSize;
        to.MaxRequestHeaderCount = from.MaxRequestHeaderCount;
        to.MaxRequestHeadersTotalSize = from.MaxRequestHeadersTotalSize;
        to.MaxRequestLineSize = from.MaxRequestLineSize;
        to.MaxResponseBufferSize = from.MaxResponseBufferSize;
        to.MinRequestBodyDataRate = from.MinRequestBodyDataRate;
        to.MinResponseDataRate = from.MinResponseDataRate;
        to.RequestHeadersTimeout = from.RequestHeadersTimeout;
    }

    private static void Copy(Http2Limits from, Http2Limits to)
    {
        to.HeaderTableSize = from.HeaderTableSize;
        to.InitialConnectionWindowSize = from.InitialConnectionWindowSize;
        to.InitialStreamWindowSize = from.InitialStreamWindowSize;
        to.KeepAlivePingDelay = from.KeepAlivePingDelay;
        to.KeepAlivePingTimeout = from.KeepAlivePingTimeout;
        to.MaxFrameSize = from.MaxFrameSize;
        to.MaxRequestHeaderFieldSize = from.MaxRequestHeaderFieldSize;
        to.MaxStreamsPerConnection = from.MaxStreamsPerConnection;
    }
}
