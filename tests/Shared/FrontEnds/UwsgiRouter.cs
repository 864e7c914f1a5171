namespace Uwsgi.Protocol.Testing;

/// <summary>uWSGI as an HTTP router only, without an app in it.</summary>
public static class UwsgiRouter
{
    public static Task<FrontEnd> StartAsync(Site site)
    {
        var directory = new TemporaryDirectory();
        var configuration = directory.Write("router.ini", site.Text());
        return FrontEnd.StartAsync(directory, "uwsgi", ["--ini", configuration], [site]);
    }

    public static Site Before(AppEndpoint app) => new("uwsgi-router", "router.ini", "3031", app.Port);
}
