using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Contract;

/// <summary>One app, asked the same by every route: it answers the same, save what <see cref="KnownDifferences"/> tells and explains.</summary>
public sealed class SameAppSameAnswersTests(ContractFixture fixture) : IClassFixture<ContractFixture>
{
    public static TheoryData<string> Cases => ContractCases.Names;

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_proxy_pass_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.NginxProxy, contractCase);

    [Theory, MemberData(nameof(Cases))]
    public Task Uwsgi_over_TCP_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.DirectTcp, contractCase);

    [Theory, MemberData(nameof(Cases))]
    public Task Uwsgi_over_a_unix_socket_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.DirectUnix, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_uwsgi_pass_over_TCP_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.NginxTcp, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_uwsgi_pass_over_a_unix_socket_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.NginxUnix, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_uwsgi_pass_unbuffered_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.NginxStreaming, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_uwsgi_pass_unbuffered_over_a_unix_socket_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.NginxStreamingUnix, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_uwsgi_pass_and_TLS_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.NginxTls, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_uwsgi_pass_and_HTTP_2_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.NginxHttp2, contractCase);

    [FrontEndTheory("apache2"), MemberData(nameof(Cases))]
    public Task Apache_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.Apache, contractCase);

    [FrontEndTheory("apache2"), MemberData(nameof(Cases))]
    public Task Apache_over_a_unix_socket_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.ApacheUnix, contractCase);

    [FrontEndTheory("apache2"), MemberData(nameof(Cases))]
    public Task Apache_with_HTTP_2_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.ApacheHttp2, contractCase);

    [FrontEndTheory("lighttpd"), MemberData(nameof(Cases))]
    public Task Lighttpd_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.Lighttpd, contractCase);

    [FrontEndTheory("lighttpd"), MemberData(nameof(Cases))]
    public Task Lighttpd_over_a_unix_socket_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.LighttpdUnix, contractCase);

    [FrontEndTheory("lighttpd", Lighttpd.TlsModule), MemberData(nameof(Cases))]
    public Task Lighttpd_with_HTTP_2_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.LighttpdHttp2, contractCase);

    [FrontEndTheory("uwsgi"), MemberData(nameof(Cases))]
    public Task The_uWSGI_router_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.UwsgiRouter, contractCase);

    [Theory, MemberData(nameof(Cases))]
    public Task Scgi_over_TCP_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.ScgiDirectTcp, contractCase);

    [Theory, MemberData(nameof(Cases))]
    public Task Scgi_over_a_unix_socket_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.ScgiDirectUnix, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_scgi_pass_over_TCP_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.ScgiNginxTcp, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_scgi_pass_over_a_unix_socket_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.ScgiNginxUnix, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_scgi_pass_unbuffered_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.ScgiNginxStreaming, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_scgi_pass_unbuffered_over_a_unix_socket_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.ScgiNginxStreamingUnix, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_scgi_pass_and_HTTP_2_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.ScgiNginxHttp2, contractCase);

    [FrontEndTheory("apache2"), MemberData(nameof(Cases))]
    public Task Apache_with_SCGI_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.ScgiApache, contractCase);

    [FrontEndTheory("apache2"), MemberData(nameof(Cases))]
    public Task Apache_with_SCGI_over_a_unix_socket_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.ScgiApacheUnix, contractCase);

    [FrontEndTheory("lighttpd"), MemberData(nameof(Cases))]
    public Task Lighttpd_with_SCGI_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.ScgiLighttpd, contractCase);

    [FrontEndTheory("lighttpd"), MemberData(nameof(Cases))]
    public Task Lighttpd_with_SCGI_over_a_unix_socket_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.ScgiLighttpdUnix, contractCase);

    [Theory, MemberData(nameof(Cases))]
    public Task Fastcgi_over_TCP_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiDirectTcp, contractCase);

    [Theory, MemberData(nameof(Cases))]
    public Task Fastcgi_over_a_unix_socket_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiDirectUnix, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_fastcgi_pass_over_TCP_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiNginxTcp, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_fastcgi_pass_over_a_unix_socket_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiNginxUnix, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_fastcgi_pass_and_kept_connections_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiNginxKept, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_fastcgi_pass_unbuffered_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiNginxStreaming, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_fastcgi_pass_and_HTTP_2_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiNginxHttp2, contractCase);

    [FrontEndTheory("apache2"), MemberData(nameof(Cases))]
    public Task Apache_with_FastCGI_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiApache, contractCase);

    [FrontEndTheory("apache2"), MemberData(nameof(Cases))]
    public Task Apache_with_FastCGI_and_kept_connections_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiApacheKept, contractCase);

    [FrontEndTheory("apache2"), MemberData(nameof(Cases))]
    public Task Apache_with_FastCGI_over_a_unix_socket_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiApacheUnix, contractCase);

    [FrontEndTheory("apache2"), MemberData(nameof(Cases))]
    public Task Apache_with_FastCGI_and_HTTP_2_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiApacheHttp2, contractCase);

    [FrontEndTheory("lighttpd"), MemberData(nameof(Cases))]
    public Task Lighttpd_with_FastCGI_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiLighttpd, contractCase);

    [FrontEndTheory("lighttpd"), MemberData(nameof(Cases))]
    public Task Lighttpd_with_FastCGI_over_a_unix_socket_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiLighttpdUnix, contractCase);

    [FrontEndTheory("lighttpd", Lighttpd.TlsModule), MemberData(nameof(Cases))]
    public Task Lighttpd_with_FastCGI_and_HTTP_2_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiLighttpdHttp2, contractCase);

    [FrontEndTheory("lighttpd"), MemberData(nameof(Cases))]
    public Task Lighttpd_with_mod_fastcgi_and_an_app_that_it_has_started_answers_as_Kestrel_does(string contractCase) =>
        CompareAsync(RouteNames.FastCgiLighttpdSpawned, contractCase);

    [FrontEndTheory("caddy"), MemberData(nameof(Cases))]
    public Task Caddy_with_FastCGI_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiCaddy, contractCase);

    [FrontEndTheory("caddy"), MemberData(nameof(Cases))]
    public Task Caddy_with_FastCGI_over_a_unix_socket_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiCaddyUnix, contractCase);

    [FrontEndTheory("caddy"), MemberData(nameof(Cases))]
    public Task Caddy_with_FastCGI_and_HTTP_2_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiCaddyHttp2, contractCase);

    [FrontEndTheory("haproxy"), MemberData(nameof(Cases))]
    public Task Haproxy_with_FastCGI_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiHaProxy, contractCase);

    [FrontEndTheory("haproxy"), MemberData(nameof(Cases))]
    public Task Haproxy_with_multiplexed_FastCGI_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiHaProxyMultiplexed, contractCase);

    [FrontEndTheory("haproxy"), MemberData(nameof(Cases))]
    public Task Haproxy_with_FastCGI_over_a_unix_socket_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiHaProxyUnix, contractCase);

    [FrontEndTheory("haproxy"), MemberData(nameof(Cases))]
    public Task Haproxy_with_FastCGI_and_HTTP_2_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiHaProxyHttp2, contractCase);

    [FrontEndTheory("h2o"), MemberData(nameof(Cases))]
    public Task H2o_with_FastCGI_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiH2o, contractCase);

    [FrontEndTheory("h2o"), MemberData(nameof(Cases))]
    public Task H2o_with_FastCGI_over_a_unix_socket_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiH2oUnix, contractCase);

    [FrontEndTheory("h2o"), MemberData(nameof(Cases))]
    public Task H2o_with_FastCGI_and_HTTP_2_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.FastCgiH2oHttp2, contractCase);

    [Theory, MemberData(nameof(Cases))]
    public Task Http_to_one_port_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.OnePortHttp, contractCase);

    [Theory, MemberData(nameof(Cases))]
    public Task Uwsgi_to_one_port_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.OnePortUwsgi, contractCase);

    [Theory, MemberData(nameof(Cases))]
    public Task Scgi_to_one_port_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.OnePortScgi, contractCase);

    [Theory, MemberData(nameof(Cases))]
    public Task Fastcgi_to_one_port_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.OnePortFastCgi, contractCase);

    [Theory, MemberData(nameof(Cases))]
    public Task Uwsgi_over_TCP_on_Kestrels_transport_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.PipesTcp, contractCase);

    [Theory, MemberData(nameof(Cases))]
    public Task Uwsgi_over_a_unix_socket_on_Kestrels_transport_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.PipesUnix, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_uwsgi_pass_over_a_unix_socket_on_Kestrels_transport_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.PipesNginxUnix, contractCase);

    [Theory, MemberData(nameof(Cases))]
    public Task Scgi_over_TCP_on_Kestrels_transport_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.PipesScgiTcp, contractCase);

    [Theory, MemberData(nameof(Cases))]
    public Task Fastcgi_over_TCP_on_Kestrels_transport_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.PipesFastCgiTcp, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_kept_fastcgi_connections_on_Kestrels_transport_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.PipesFastCgiNginxKept, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_proxy_pass_to_one_port_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.OnePortNginxProxy, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_uwsgi_pass_to_one_port_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.OnePortNginxUwsgi, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_scgi_pass_to_one_port_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.OnePortNginxScgi, contractCase);

    [FrontEndTheory("nginx"), MemberData(nameof(Cases))]
    public Task Nginx_with_fastcgi_pass_to_one_port_answers_as_Kestrel_does(string contractCase) => CompareAsync(RouteNames.OnePortNginxFastCgi, contractCase);

    private Task CompareAsync(string route, string contractCase) => fixture.CompareAsync(route, ContractCases.ByName[contractCase]);
}
