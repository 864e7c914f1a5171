using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.BehindNginx;

[Collection(NginxCollection.Name)]
public sealed class VariableTests(NginxFixture nginx)
{
    [FrontEndTheory("nginx")]
    [InlineData("SERVER_NAME", "")]
    [InlineData("REQUEST_METHOD", "GET")]
    [InlineData("PATH_INFO", "/server-variables")]
    [InlineData("NOT_SENT", "(none)")]
    public async Task Every_variable_that_nginx_sends_can_be_read(string name, string value)
    {
        var route = nginx[unix: false];
        Assert.Equal(value, await route.Client.GetStringAsync(new Uri(route.Address, $"/server-variables?name={name}")));
    }

    [FrontEndFact("nginx")]
    public void The_app_says_where_it_listens()
    {
        Assert.Contains($"address uwsgi://127.0.0.1:{nginx.App.UwsgiPort}\n", nginx.App.Process.Output, StringComparison.Ordinal);
        Assert.Contains($"address uwsgi://unix:{nginx.App.Socket}\n", nginx.App.Process.Output, StringComparison.Ordinal);
    }
}
