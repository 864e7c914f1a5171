namespace Uwsgi.Protocol.Testing;

public static class Lighttpd
{
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

    public static Site Uwsgi(string tcpPort) => new("lighttpd", "uwsgi.conf", "3031", tcpPort);

    public static Site UwsgiUnix(string socket) => new("lighttpd", "uwsgi-unix.conf", "/run/app.sock", socket);
}
