using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Contract;

/// <summary>Which front ends stand before the app, with which of the documentation's configurations.</summary>
internal static class ContractFrontEnds
{
    public static IEnumerable<(string Program, (string Route, Site Site)[] Sites, Func<Task<FrontEnd>> Start)> For(ContractApp app)
    {
        (string Route, Site Site)[] nginx =
        [
            (RouteNames.NginxProxy, Nginx.Http(app.HttpPort)),
            (RouteNames.NginxTcp, Nginx.Uwsgi(app.UwsgiPort)),
            (RouteNames.NginxUnix, Nginx.UwsgiUnix(app.Socket)),
            (RouteNames.NginxStreaming, Nginx.Uwsgi(app.UwsgiPort, streaming: true)),
            (RouteNames.NginxStreamingUnix, Nginx.UwsgiUnix(app.Socket, streaming: true)),
        ];
        yield return ("nginx", nginx, () => Nginx.StartAsync([.. nginx.Select(site => site.Site)]));

        (string Route, Site Site)[] apache = [(RouteNames.Apache, Apache.Uwsgi(app.UwsgiPort)), (RouteNames.ApacheUnix, Apache.UwsgiUnix(app.Socket))];
        yield return ("apache2", apache, () => Apache.StartAsync([.. apache.Select(site => site.Site)]));

        var lighttpd = Lighttpd.Uwsgi(app.UwsgiPort);
        yield return ("lighttpd", [(RouteNames.Lighttpd, lighttpd)], () => Lighttpd.StartAsync(lighttpd));

        var router = UwsgiRouter.Uwsgi(app.UwsgiPort);
        yield return ("uwsgi", [(RouteNames.UwsgiRouter, router)], () => UwsgiRouter.StartAsync(router));
    }
}
