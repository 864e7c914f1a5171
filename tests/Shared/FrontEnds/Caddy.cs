namespace Uwsgi.Protocol.Testing;

public static class Caddy
{
    private const string Frame = """
        {
            admin off
            auto_https off
            servers {
                protocols h1 h2
            }
        }

        """;

    public static Task<FrontEnd> StartAsync(Site site)
    {
        var directory = new TemporaryDirectory();
        var configuration = directory.Write("Caddyfile", Frame + site.Text());
        // What it remembers, it remembers at home.
        var environment = new[] { "HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME" }.ToDictionary(name => name, _ => directory.FullPath);
        return FrontEnd.StartAsync(directory, "caddy", ["run", "--adapter", "caddyfile", "--config", configuration], [site], environment);
    }

    public static Site Before(AppEndpoint app, bool unix = false) => app.Behind("caddy", unix);

    public static Site Http2(AppEndpoint app, CertificateDirectory certificates) => app.Behind("caddy", unix: false, "-tls").WithHttp2(certificates);
}
