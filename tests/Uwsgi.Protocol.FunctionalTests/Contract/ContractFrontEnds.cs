using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Contract;

/// <summary>Which front ends stand before the app, with which of the documentation's configurations.</summary>
internal static class ContractFrontEnds
{
    public static IEnumerable<(string Program, (string Route, Site Site)[] Sites, Func<Task<FrontEnd>> Start)> For(ContractApp app, ContractApp pipesApp)
    {
        var (uwsgi, scgi, fastCgi) = (app[WireProtocol.Uwsgi], app[WireProtocol.Scgi], app[WireProtocol.FastCgi]);
        var certificates = app.Certificates;
        (string Route, Site Site)[] nginx =
        [
            (RouteNames.NginxProxy, Nginx.Http(app.HttpPort)),
            (RouteNames.NginxTcp, Nginx.Before(uwsgi)),
            (RouteNames.NginxUnix, Nginx.Before(uwsgi, unix: true)),
            (RouteNames.NginxStreaming, Nginx.Before(uwsgi, streaming: true)),
            (RouteNames.NginxStreamingUnix, Nginx.Before(uwsgi, unix: true, streaming: true)),
            (RouteNames.NginxTls, Nginx.Tls(uwsgi, certificates)),
            (RouteNames.NginxHttp2, Nginx.Http2(uwsgi, certificates)),
            (RouteNames.ScgiNginxTcp, Nginx.Before(scgi)),
            (RouteNames.ScgiNginxUnix, Nginx.Before(scgi, unix: true)),
            (RouteNames.ScgiNginxStreaming, Nginx.Before(scgi, streaming: true)),
            (RouteNames.ScgiNginxStreamingUnix, Nginx.Before(scgi, unix: true, streaming: true)),
            (RouteNames.ScgiNginxHttp2, Nginx.Http2(scgi, certificates)),
            (RouteNames.FastCgiNginxTcp, Nginx.Before(fastCgi)),
            (RouteNames.FastCgiNginxUnix, Nginx.Before(fastCgi, unix: true)),
            (RouteNames.FastCgiNginxKept, Nginx.Kept(fastCgi)),
            (RouteNames.FastCgiNginxStreaming, Nginx.Before(fastCgi, streaming: true)),
            (RouteNames.FastCgiNginxHttp2, Nginx.Http2(fastCgi, certificates)),
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
            (RouteNames.ApacheHttp2, Apache.Http2(uwsgi, certificates)),
            (RouteNames.ScgiApache, Apache.Before(scgi)),
            (RouteNames.ScgiApacheUnix, Apache.Before(scgi, unix: true)),
            (RouteNames.FastCgiApache, Apache.Before(fastCgi)),
            (RouteNames.FastCgiApacheKept, Apache.Kept(fastCgi)),
            (RouteNames.FastCgiApacheUnix, Apache.Before(fastCgi, unix: true)),
            (RouteNames.FastCgiApacheHttp2, Apache.Http2(fastCgi, certificates)),
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
            (RouteNames.FastCgiLighttpdUnix, Lighttpd.Before(fastCgi, unix: true)),
        ];
        foreach (var (route, site) in lighttpd)
        {
            yield return One("lighttpd", route, site, Lighttpd.StartAsync);
        }

        yield return One(Lighttpd.TlsModule, RouteNames.LighttpdHttp2, Lighttpd.Http2(uwsgi, certificates), Lighttpd.StartAsync);
        yield return One(Lighttpd.TlsModule, RouteNames.FastCgiLighttpdHttp2, Lighttpd.Http2(fastCgi, certificates), Lighttpd.StartAsync);

        // An app of lighttpd's own.
        yield return One("lighttpd", RouteNames.FastCgiLighttpdSpawned, Lighttpd.Spawning(BuiltPrograms.SpawnedContractApp, $"{fastCgi.Socket}.spawned"), Lighttpd.StartAsync);
        yield return One("uwsgi", RouteNames.UwsgiRouter, UwsgiRouter.Before(uwsgi), UwsgiRouter.StartAsync);
        yield return One("caddy", RouteNames.FastCgiCaddy, Caddy.Before(fastCgi), Caddy.StartAsync);
        yield return One("caddy", RouteNames.FastCgiCaddyUnix, Caddy.Before(fastCgi, unix: true), Caddy.StartAsync);
        yield return One("caddy", RouteNames.FastCgiCaddyHttp2, Caddy.Http2(fastCgi, certificates), Caddy.StartAsync);
        yield return One("haproxy", RouteNames.FastCgiHaProxy, HaProxy.Before(fastCgi), HaProxy.StartAsync);
        yield return One("haproxy", RouteNames.FastCgiHaProxyMultiplexed, HaProxy.Multiplexed(fastCgi), HaProxy.StartAsync);
        yield return One("haproxy", RouteNames.FastCgiHaProxyUnix, HaProxy.Before(fastCgi, unix: true), HaProxy.StartAsync);
        yield return One("haproxy", RouteNames.FastCgiHaProxyHttp2, HaProxy.Http2(fastCgi, certificates), HaProxy.StartAsync);
        yield return One("h2o", RouteNames.FastCgiH2o, H2o.Before(fastCgi), H2o.StartAsync);
        yield return One("h2o", RouteNames.FastCgiH2oUnix, H2o.Before(fastCgi, unix: true), H2o.StartAsync);
        yield return One("h2o", RouteNames.FastCgiH2oHttp2, H2o.Http2(fastCgi, certificates), H2o.StartAsync);
    }

    private static (string Program, (string Route, Site Site)[] Sites, Func<Task<FrontEnd>> Start) One(
        string program, string route, Site site, Func<Site, Task<FrontEnd>> start) => (program, [(route, site)], () => start(site));
}
