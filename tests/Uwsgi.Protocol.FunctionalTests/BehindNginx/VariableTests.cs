using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.BehindNginx;

[Collection(NginxCollection.Name)]
public sealed class VariableTests(NginxFixture nginx)
{
    [FrontEndTheory("nginx")]
    [InlineData(WireProtocol.Uwsgi, "SERVER_NAME", "")]
    [InlineData(WireProtocol.Uwsgi, "REQUEST_METHOD", "GET")]
    [InlineData(WireProtocol.Uwsgi, "PATH_INFO", "/server-variables")]
    [InlineData(WireProtocol.Uwsgi, "NOT_SENT", "(none)")]
    [InlineData(WireProtocol.Scgi, "DOCUMENT_URI", "/server-variables")]
    [InlineData(WireProtocol.Scgi, "PATH_INFO", "(none)")]
    [InlineData(WireProtocol.Scgi, "SCGI", "1")]
    [InlineData(WireProtocol.FastCgi, "SCRIPT_NAME", "/server-variables")]
    [InlineData(WireProtocol.FastCgi, "PATH_INFO", "(none)")]
    public async Task Every_variable_that_nginx_sends_can_be_read(WireProtocol protocol, string name, string value)
    {
        var route = nginx[protocol, unix: false];
        Assert.Equal(value, await route.Client.GetStringAsync(new Uri(route.Address, $"/server-variables?name={name}")));
    }

    [FrontEndTheory("nginx")]
    [CombinatorialData]
    public void The_app_says_where_it_listens(WireProtocol protocol)
    {
        var endpoint = nginx.App[protocol];
        Assert.Contains($"address {endpoint.Scheme}://127.0.0.1:{endpoint.Port}\n", nginx.App.Process.Output, StringComparison.Ordinal);
        Assert.Contains($"address {endpoint.Scheme}://unix:{endpoint.Socket}\n", nginx.App.Process.Output, StringComparison.Ordinal);
    }
}
