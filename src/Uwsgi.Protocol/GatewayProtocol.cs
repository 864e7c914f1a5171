namespace Uwsgi.Protocol;

/// <summary>What front ends speak to this server.</summary>
public enum GatewayProtocol
{
    /// <summary>uwsgi: nginx <c>uwsgi_pass</c>, Apache <c>mod_proxy_uwsgi</c>, lighttpd <c>scgi.protocol = "uwsgi"</c>, the uWSGI routers.</summary>
    Uwsgi = 0,

    /// <summary>FastCGI: nginx <c>fastcgi_pass</c>, Apache <c>mod_proxy_fcgi</c>, lighttpd, Caddy, HAProxy, h2o.</summary>
    FastCgi = 1,

    /// <summary>SCGI: nginx <c>scgi_pass</c>, Apache <c>mod_proxy_scgi</c>, lighttpd <c>mod_scgi</c>.</summary>
    Scgi = 2,

    /// <summary>
    /// Of an endpoint: all of these and HTTP, told apart for each connection by its first bytes. A request is by one of them:
    /// <see cref="IGatewayRequestFeature.Protocol"/> is never this.
    /// </summary>
    Any = 3,
}
