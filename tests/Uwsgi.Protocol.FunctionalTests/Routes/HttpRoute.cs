using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Routes;

/// <summary>By HTTP: to the app itself, or to a front end before it.</summary>
/// <param name="name">Its name.</param>
/// <param name="address">Where it begins.</param>
/// <param name="version">The HTTP that is spoken, and no other.</param>
/// <param name="certificate">The only certificate that is trusted.</param>
/// <param name="reuse">False where a front end closes connections and does not say so.</param>
public sealed class HttpRoute(string name, Uri address, Version? version = null, X509Certificate2? certificate = null, bool reuse = true) : Route(name, address)
{
    public HttpRoute(string name, Site site, bool reuse = true)
        : this(name, site.Address, site.ClientVersion, site.Certificates?.Server, reuse)
    {
    }

    public override HttpClient Client { get; } = New(version, certificate, reuse);

    public override HttpClient NewClient() => New(version, certificate, reuse);

    /// <summary>As a browser does: over HTTP/1.1 where the server does not offer it over HTTP/2.</summary>
    public override async Task<WebSocket> ConnectAsync(string target, string? subProtocol, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        socket.Options.HttpVersion = Client.DefaultRequestVersion;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionOrLower;
        if (subProtocol is not null)
        {
            socket.Options.AddSubProtocol(subProtocol);
        }

        var scheme = Address.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs;
        await socket.ConnectAsync(new Uri($"{scheme}://{Address.Authority}{target}"), Client, cancellationToken);
        return socket;
    }

    private static HttpClient New(Version? version, X509Certificate2? certificate, bool reuse)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionLifetime = reuse ? Timeout.InfiniteTimeSpan : TimeSpan.Zero,
        };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetCertHashString() == certificate?.Thumbprint;
        return new HttpClient(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = version ?? HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
    }
}
