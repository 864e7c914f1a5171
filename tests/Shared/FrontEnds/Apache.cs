namespace Uwsgi.Protocol.Testing;

public static class Apache
{
    /// <summary>A package of its own, which a test needs beside apache2.</summary>
    public const string Fcgid = $"{Modules}/mod_fcgid.so";

    /// <summary>Another one.</summary>
    public const string XSendfile = $"{Modules}/mod_xsendfile.so";

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

        """;

    public static Task<FrontEnd> StartAsync(params Site[] sites) => StartAsync("", sites);

    /// <summary>With mod_fcgid: it starts the site's app itself, as the user that Apache serves as.</summary>
    public static Task<FrontEnd> StartFcgidAsync(Site site) => StartAsync($"""
        LoadModule alias_module {Modules}/mod_alias.so
        LoadModule fcgid_module {Fcgid}
        FcgidIPCDir fcgid
        FcgidProcessTableFile fcgid.table

        """, site);

    /// <summary>With mod_authnz_fcgi: it asks the app before it sends a file, or asks somebody else for it.</summary>
    public static Task<FrontEnd> StartAuthnzFcgiAsync(Site site) => StartAsync($"""
        LoadModule authn_core_module {Modules}/mod_authn_core.so
        LoadModule authz_user_module {Modules}/mod_authz_user.so
        LoadModule authnz_fcgi_module {Modules}/mod_authnz_fcgi.so
        LoadModule dir_module {Modules}/mod_dir.so
        LoadModule mime_module {Modules}/mod_mime.so
        TypesConfig /etc/mime.types

        """, site);

    /// <summary>With mod_xsendfile: it sends files that the app names.</summary>
    public static Task<FrontEnd> StartXSendfileAsync(Site site) => StartAsync($"LoadModule xsendfile_module {XSendfile}\n", site);

    private static Task<FrontEnd> StartAsync(string modules, params Site[] sites)
    {
        var directory = new TemporaryDirectory();
        var listen = string.Concat(sites.Select(site => $"Listen 127.0.0.1:{site.Port}\n"));
        for (var i = 0; i < sites.Length; i++)
        {
            directory.Write($"sites/{i}.conf", sites[i].Text());
        }

        // Its children change to the user that it was built with, who cannot reach a socket of root's.
        var user = Environment.IsPrivilegedProcess ? "User www-data\nGroup www-data\n" : "";
        var configuration = directory.Write("httpd.conf", $"ServerRoot {directory.FullPath}\n" + user + listen + Frame + modules + "Include sites/*.conf\n");
        return FrontEnd.StartAsync(directory, "apache2", ["-DFOREGROUND", "-d", directory.FullPath, "-f", configuration], sites);
    }

    /// <summary>The app's command, and its file.</summary>
    public static Site Spawning(string command, string file) =>
        new Site("apache", "fcgid.conf", "/usr/bin/dotnet /srv/app/App.dll", command).With("/srv/app/App.dll", file).With("/srv/app", Path.GetDirectoryName(file)!);

    /// <summary>A directory of files, which the app guards.</summary>
    public static Site Guarding(string files, string port) =>
        new Site("apache", "authorizer.conf", "9000", port).With("/srv/site", files);

    /// <summary>An app that another one guards.</summary>
    public static Site Guarding(AppEndpoint app, AppEndpoint guard) =>
        new Site("apache", "authorizer-app.conf", "9000", guard.Port).With("3031", app.Port);

    public static Site Before(AppEndpoint app, bool unix = false) => app.Behind("apache", unix);

    public static Site Http2(AppEndpoint app, CertificateDirectory certificates) => app.Behind("apache", unix: false, "-tls").WithHttp2(certificates);

    public static Site Kept(AppEndpoint app) => app.Behind("apache", unix: false, "-kept");
}
