namespace Uwsgi.Protocol.Testing;

public static class H2o
{
    public static Task<FrontEnd> StartAsync(Site site)
    {
        var directory = new TemporaryDirectory();
        // Started by root, it changes to a user "nobody" who cannot write here.
        var user = Environment.IsPrivilegedProcess ? "user: root\n" : "";
        var configuration = directory.Write("h2o.conf", $"num-threads: 1\nerror-log: {directory["error.log"]}\n" + user + site.Text());
        return FrontEnd.StartAsync(directory, "h2o", ["-c", configuration], [site]);
    }

    public static Site Before(AppEndpoint app, bool unix = false) => app.Behind("h2o", unix);

    public static Site Http2(AppEndpoint app, CertificateDirectory certificates) => app.Behind("h2o", unix: false, "-tls").WithHttp2(certificates);
}
