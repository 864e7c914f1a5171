using Uwsgi.Protocol.FunctionalTests.Routes;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.BehindNginx;

/// <summary>One configuration of nginx that speaks everything to one port of the app.</summary>
[Collection(NginxCollection.Name)]
public sealed class OnePortTests(NginxFixture nginx)
{
    [FrontEndTheory("nginx")]
    [InlineData("location /uwsgi", "PATH_INFO", "/server-variables")]
    [InlineData("location /scgi", "SCGI", "1")]
    [InlineData("location /fastcgi", "GATEWAY_INTERFACE", "CGI/1.1")]
    [InlineData("location /http", "REQUEST_METHOD", "(none)")]
    public async Task Each_location_reaches_the_app_by_its_own_protocol(string location, string variable, string value)
    {
        var site = new Site("nginx", "gateway.conf", "8000", nginx.App.GatewayPort);
        await using var frontEnd = await Nginx.StartAsync(location == "location /http" ? site : site.With(location, "location /server-variables"));
        using var route = new HttpRoute(location, site.Address);
        Assert.Equal(value, await route.Client.GetStringAsync(new Uri(route.Address, $"/server-variables?name={variable}")));
    }
}
