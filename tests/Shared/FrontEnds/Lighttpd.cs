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

    public static Site Before(AppEndpoint app, bool unix = false) => app.Behind("lighttpd", unix);

    public static Site Http2(AppEndpoint app, CertificateDirectory certificates) => app.Behind("lighttpd", unix: false, "-tls").WithHttp2(certificates);
}
