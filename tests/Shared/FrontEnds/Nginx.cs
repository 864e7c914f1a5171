using System.Text.RegularExpressions;

namespace Uwsgi.Protocol.Testing;

public static partial class Nginx
{
    private const string Frame = """
        daemon off;
        worker_processes 1;
        worker_rlimit_nofile 20000;
        pid nginx.pid;
        error_log error.log info;
        events { worker_connections 8192; }
        http {
            access_log off;
            client_body_temp_path body;
            proxy_temp_path proxy;
            fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi;
            scgi_temp_path scgi;
            include sites/*.conf;
        }

        """;

    public static Task<FrontEnd> StartAsync(params Site[] sites)
    {
        var directory = new TemporaryDirectory();
        foreach (var parameters in new[] { "uwsgi_params", "scgi_params", "fastcgi_params" })
        {
            File.Copy($"/etc/nginx/{parameters}", directory[parameters]);
        }

        for (var i = 0; i < sites.Length; i++)
        {
            directory.Write($"sites/{i}.conf", sites[i].Text());
        }

        // Started by root, nginx changes to the user that it was built with, who cannot write here.
        var user = Environment.IsPrivilegedProcess ? "user root;\n" : "";
        var configuration = directory.Write("nginx.conf", user + Frame);
        return FrontEnd.StartAsync(directory, "nginx", ["-p", directory.FullPath, "-c", configuration, "-e", directory["error.log"]], sites);
    }

    /// <summary>What <c>nginx -v</c> says.</summary>
    public static async Task<Version> VersionAsync()
    {
        await using var nginx = RunningProcess.Start(Programs.PathOf("nginx"), ["-v"], Path.GetTempPath());
        await nginx.WaitForExitAsync(CancellationToken.None);
        return Version.Parse(VersionNumber().Match(nginx.Output).Value);
    }

    public static Site Before(AppEndpoint app, bool unix = false, bool streaming = false) => app.Behind("nginx", unix, streaming ? "-streaming" : "");

    public static Site Kept(AppEndpoint app) => app.Behind("nginx", unix: false, "-kept");

    public static Site Tls(AppEndpoint app, CertificateDirectory certificates) => app.Behind("nginx", unix: false, "-tls").WithTls(certificates);

    public static Site Http2(AppEndpoint app, CertificateDirectory certificates) => app.Behind("nginx", unix: false, "-tls").WithHttp2(certificates);

    public static Site Http(string tcpPort) => new("nginx", "proxy.conf", "5000", tcpPort);

    [GeneratedRegex(@"(?<=nginx/)[\d.]+")]
    private static partial Regex VersionNumber();
}
