namespace Uwsgi.Protocol;

/// <summary>A protocol that a front end speaks to this server.</summary>
public enum GatewayProtocol
{
    /// <summary>uwsgi: nginx <c>uwsgi_pass</c>, Apache <c>mod_proxy_uwsgi</c>, lighttpd <c>scgi.protocol = "uwsgi"</c>, the uWSGI routers.</summary>
    Uwsgi = 0,

    /// <summary>FastCGI: nginx <c>fastcgi_pass</c>, Apache <c>mod_proxy_fcgi</c>, lighttpd, Caddy, HAProxy, h2o.</summary>
    FastCgi = 1,

    /// <summary>SCGI: nginx <c>scgi_pass</c>, Apache <c>mod_proxy_scgi</c>, lighttpd <c>mod_scgi</c>.</summary>
    Scgi = 2,
}
