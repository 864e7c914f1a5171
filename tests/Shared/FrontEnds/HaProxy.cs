namespace Uwsgi.Protocol.Testing;

public static class HaProxy
{
    // One thread, as one nginx worker: threads share no connections.
    private const string Frame = """
        global
            nbthread 1

        defaults
            mode http
            timeout connect 5s
            timeout client 60s
            timeout server 60s

        """;

    /// <summary>The page of a 500 that is HAProxy's own.</summary>
    public static ReadOnlySpan<byte> OwnError => "<html><body><h1>500 Internal Server Error</h1>\nAn internal server error occurred.\n</body></html>\n"u8;

    public static Task<FrontEnd> StartAsync(Site site)
    {
        var directory = new TemporaryDirectory();
        var configuration = directory.Write("haproxy.cfg", Frame + site.Text());
        return FrontEnd.StartAsync(directory, "haproxy", ["-db", "-f", configuration], [site]);
    }

    public static Site Before(AppEndpoint app, bool unix = false) => app.Behind("haproxy", unix);

    public static Site Http2(AppEndpoint app, CertificateDirectory certificates) => app.Behind("haproxy", unix: false, "-tls").WithHttp2(certificates);

    public static Site Multiplexed(AppEndpoint app) => app.Behind("haproxy", unix: false, "-multiplexed");
}
