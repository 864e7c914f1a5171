namespace Uwsgi.Protocol.Testing;

public static class Apache
{
    private const string Modules = "/usr/lib/apache2/modules";

    private static readonly string Frame = $"""
        ServerName 127.0.0.1
        PidFile apache.pid
        ErrorLog error.log
        LogLevel warn
        DefaultRuntimeDir .
        Mutex pthread
        LoadModule mpm_event_module {Modules}/mod_mpm_event.so
        LoadModule authz_core_module {Modules}/mod_authz_core.so
        LoadModule proxy_module {Modules}/mod_proxy.so
        LoadModule proxy_uwsgi_module {Modules}/mod_proxy_uwsgi.so
        LoadModule proxy_scgi_module {Modules}/mod_proxy_scgi.so
        LoadModule proxy_fcgi_module {Modules}/mod_proxy_fcgi.so
        LoadModule ssl_module {Modules}/mod_ssl.so
        LoadModule http2_module {Modules}/mod_http2.so
        LoadModule env_module {Modules}/mod_env.so
        Include sites/*.conf

        """;

    public static Task<FrontEnd> StartAsync(params Site[] sites)
    {
        var directory = new TemporaryDirectory();
        var listen = string.Concat(sites.Select(site => $"Listen 127.0.0.1:{site.Port}\n"));
        for (var i = 0; i < sites.Length; i++)
        {
            directory.Write($"sites/{i}.conf", sites[i].Text());
        }

        // Its children change to the user that it was built with, who cannot reach a socket of root's.
        var user = Environment.IsPrivilegedProcess ? "User www-data\nGroup www-data\n" : "";
        var configuration = directory.Write("httpd.conf", $"ServerRoot {directory.FullPath}\n" + user + listen + Frame);
        return FrontEnd.StartAsync(directory, "apache2", ["-DFOREGROUND", "-d", directory.FullPath, "-f", configuration], sites);
    }

    public static Site Before(AppEndpoint app, bool unix = false) => app.Behind("apache", unix);

    public static Site Http2(AppEndpoint app, CertificateDirectory certificates) => app.Behind("apache", unix: false, "-tls").WithHttp2(certificates);

    public static Site Kept(AppEndpoint app) => app.Behind("apache", unix: false, "-kept");
}
