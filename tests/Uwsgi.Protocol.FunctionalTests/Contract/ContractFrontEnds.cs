using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Contract;

/// <summary>Which front ends stand before the app, with which of the documentation's configurations.</summary>
internal static class ContractFrontEnds
{
    public static IEnumerable<(string Program, (string Route, Site Site)[] Sites, Func<Task<FrontEnd>> Start)> For(ContractApp app, ContractApp pipesApp)
    {
        var (uwsgi, scgi, fastCgi) = (app[WireProtocol.Uwsgi], app[WireProtocol.Scgi], app[WireProtocol.FastCgi]);
        (string Route, Site Site)[] nginx =
        [
            (RouteNames.NginxProxy, Nginx.Http(app.HttpPort)),
            (RouteNames.NginxTcp, Nginx.Before(uwsgi)),
            (RouteNames.NginxUnix, Nginx.Before(uwsgi, unix: true)),
            (RouteNames.NginxStreaming, Nginx.Before(uwsgi, streaming: true)),
            (RouteNames.NginxStreamingUnix, Nginx.Before(uwsgi, unix: true, streaming: true)),
            (RouteNames.ScgiNginxTcp, Nginx.Before(scgi)),
            (RouteNames.ScgiNginxUnix, Nginx.Before(scgi, unix: true)),
            (RouteNames.ScgiNginxStreaming, Nginx.Before(scgi, streaming: true)),
            (RouteNames.ScgiNginxStreamingUnix, Nginx.Before(scgi, unix: true, streaming: true)),
            (RouteNames.FastCgiNginxTcp, Nginx.Before(fastCgi)),
            (RouteNames.FastCgiNginxUnix, Nginx.Before(fastCgi, unix: true)),
            (RouteNames.FastCgiNginxKept, Nginx.Kept(fastCgi)),
            (RouteNames.FastCgiNginxStreaming, Nginx.Before(fastCgi, streaming: true)),
            (RouteNames.OnePortNginxProxy, Nginx.Http(app.GatewayPort)),
            (RouteNames.OnePortNginxUwsgi, Nginx.Before(app.OnOnePort(WireProtocol.Uwsgi))),
            (RouteNames.OnePortNginxScgi, Nginx.Before(app.OnOnePort(WireProtocol.Scgi))),
            (RouteNames.OnePortNginxFastCgi, Nginx.Before(app.OnOnePort(WireProtocol.FastCgi))),
        ];
        yield return ("nginx", nginx, () => Nginx.StartAsync([.. nginx.Select(site => site.Site)]));

        // An nginx of its own: the kept connections of one server are one upstream's.
        (string Route, Site Site)[] pipes =
        [
            (RouteNames.PipesNginxUnix, Nginx.Before(pipesApp[WireProtocol.Uwsgi], unix: true)),
            (RouteNames.PipesFastCgiNginxKept, Nginx.Kept(pipesApp[WireProtocol.FastCgi])),
        ];
        yield return ("nginx", pipes, () => Nginx.StartAsync([.. pipes.Select(site => site.Site)]));

        (string Route, Site Site)[] apache =
        [
            (RouteNames.Apache, Apache.Before(uwsgi)),
            (RouteNames.ApacheUnix, Apache.Before(uwsgi, unix: true)),
            (RouteNames.ScgiApache, Apache.Before(scgi)),
            (RouteNames.ScgiApacheUnix, Apache.Before(scgi, unix: true)),
            (RouteNames.FastCgiApache, Apache.Before(fastCgi)),
            (RouteNames.FastCgiApacheKept, Apache.Kept(fastCgi)),
        ];
        yield return ("apache2", apache, () => Apache.StartAsync([.. apache.Select(site => site.Site)]));

        // A lighttpd each: which protocol mod_scgi speaks is a setting of the server.
        (string Route, Site Site)[] lighttpd =
        [
            (RouteNames.Lighttpd, Lighttpd.Before(uwsgi)),
            (RouteNames.LighttpdUnix, Lighttpd.Before(uwsgi, unix: true)),
            (RouteNames.ScgiLighttpd, Lighttpd.Before(scgi)),
            (RouteNames.ScgiLighttpdUnix, Lighttpd.Before(scgi, unix: true)),
            (RouteNames.FastCgiLighttpd, Lighttpd.Before(fastCgi)),
        ];
        foreach (var (route, site) in lighttpd)
        {
            yield return One("lighttpd", route, site, Lighttpd.StartAsync);
        }

        yield return One("uwsgi", RouteNames.UwsgiRouter, UwsgiRouter.Before(uwsgi), UwsgiRouter.StartAsync);
        yield return One("caddy", RouteNames.FastCgiCaddy, Caddy.Before(fastCgi), Caddy.StartAsync);
        yield return One("haproxy", RouteNames.FastCgiHaProxy, HaProxy.Before(fastCgi), HaProxy.StartAsync);
        yield return One("haproxy", RouteNames.FastCgiHaProxyMultiplexed, HaProxy.Multiplexed(fastCgi), HaProxy.StartAsync);
        yield return One("h2o", RouteNames.FastCgiH2o, H2o.Before(fastCgi), H2o.StartAsync);
    }

    private static (string Program, (string Route, Site Site)[] Sites, Func<Task<FrontEnd>> Start) One(
        string program, string route, Site site, Func<Site, Task<FrontEnd>> start) => (program, [(route, site)], () => start(site));
}
