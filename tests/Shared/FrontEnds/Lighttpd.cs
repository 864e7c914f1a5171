namespace Uwsgi.Protocol.Testing;

public static class Lighttpd
{
    /// <summary>What lighttpd needs for TLS, which Debian has in a package of its own.</summary>
    public const string TlsModule = "/usr/lib/lighttpd/mod_openssl.so";

    public static Task<FrontEnd> StartAsync(Site site)
    {
        var directory = new TemporaryDirectory();
        var configuration = directory.Write("lighttpd.conf", $"""
            server.document-root = "{directory.FullPath}"
            server.errorlog = "{directory["error.log"]}"
            server.upload-dirs = ( "{directory.FullPath}" )

            """ + site.Text());
        return FrontEnd.StartAsync(directory, "lighttpd", ["-D", "-f", configuration], [site]);
    }

    /// <summary>The app's command, and the socket that it is to get.</summary>
    public static Site Spawning(string command, string socket) =>
        new Site("lighttpd", "fastcgi-spawned.conf", "/usr/bin/dotnet /srv/app/App.dll", command).With("/run/app.sock", socket);

    /// <summary>A directory of files, which the app guards.</summary>
    public static Site Guarding(string files, string port) =>
        new Site("lighttpd", "authorizer.conf", "9000", port).With("/srv/site", files);

    /// <summary>An app that another one guards.</summary>
    public static Site Guarding(AppEndpoint app, AppEndpoint guard) =>
        new Site("lighttpd", "authorizer-app.conf", "9000", guard.Port).With("3031", app.Port);

    public static Site Before(AppEndpoint app, bool unix = false) => app.Behind("lighttpd", unix);

    public static Site Http2(AppEndpoint app, CertificateDirectory certificates) => app.Behind("lighttpd", unix: false, "-tls").WithHttp2(certificates);
}
