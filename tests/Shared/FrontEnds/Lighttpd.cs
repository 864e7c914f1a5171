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

    public static Site Before(AppEndpoint app, bool unix = false) => app.Behind("lighttpd", unix);
}
