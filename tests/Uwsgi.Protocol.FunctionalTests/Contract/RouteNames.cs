namespace Uwsgi.Protocol.FunctionalTests.Contract;

internal static class RouteNames
{
    public const string Kestrel = "HTTP, direct (the oracle)";
    public const string NginxProxy = "nginx proxy_pass";
    public const string DirectTcp = "uwsgi TCP, direct";
    public const string DirectUnix = "uwsgi unix, direct";
    public const string NginxTcp = "nginx uwsgi_pass TCP";
    public const string NginxUnix = "nginx uwsgi_pass unix";
    public const string NginxStreaming = "nginx uwsgi_pass TCP, unbuffered";
    public const string NginxStreamingUnix = "nginx uwsgi_pass unix, unbuffered";
    public const string Apache = "Apache mod_proxy_uwsgi TCP";
    public const string ApacheUnix = "Apache mod_proxy_uwsgi unix";
    public const string Lighttpd = "lighttpd mod_scgi uwsgi TCP";
    public const string LighttpdUnix = "lighttpd mod_scgi uwsgi unix";
    public const string UwsgiRouter = "uWSGI http router TCP";
    public const string ScgiDirectTcp = "SCGI TCP, direct";
    public const string ScgiDirectUnix = "SCGI unix, direct";
    public const string ScgiNginxTcp = "nginx scgi_pass TCP";
    public const string ScgiNginxUnix = "nginx scgi_pass unix";
    public const string ScgiNginxStreaming = "nginx scgi_pass TCP, unbuffered";
    public const string ScgiNginxStreamingUnix = "nginx scgi_pass unix, unbuffered";
    public const string ScgiApache = "Apache mod_proxy_scgi TCP";
    public const string ScgiApacheUnix = "Apache mod_proxy_scgi unix";
    public const string ScgiLighttpd = "lighttpd mod_scgi TCP";
    public const string ScgiLighttpdUnix = "lighttpd mod_scgi unix";
    public const string FastCgiDirectTcp = "FastCGI TCP, direct";
    public const string FastCgiDirectUnix = "FastCGI unix, direct";
    public const string FastCgiNginxTcp = "nginx fastcgi_pass TCP";
    public const string FastCgiNginxUnix = "nginx fastcgi_pass unix";
    public const string FastCgiNginxKept = "nginx fastcgi_pass TCP, kept";
    public const string FastCgiNginxStreaming = "nginx fastcgi_pass TCP, unbuffered";
    public const string FastCgiApache = "Apache mod_proxy_fcgi TCP";
    public const string FastCgiApacheKept = "Apache mod_proxy_fcgi TCP, kept";
    public const string FastCgiLighttpd = "lighttpd mod_fastcgi TCP";
    public const string FastCgiLighttpdSpawned = "lighttpd mod_fastcgi unix, spawned";
    public const string FastCgiCaddy = "Caddy FastCGI TCP";
    public const string FastCgiHaProxy = "HAProxy FastCGI TCP";
    public const string FastCgiHaProxyMultiplexed = "HAProxy FastCGI TCP, multiplexed";
    public const string FastCgiH2o = "h2o FastCGI TCP";
}
