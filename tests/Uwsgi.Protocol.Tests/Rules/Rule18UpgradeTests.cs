using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.FastCgi;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rule 18, the upgrade: WebSockets and the like, for which the front end hands its connection over. FastCGI's records: <see cref="FastCgiUpgradeTests"/>.</summary>
public class Rule18UpgradeTests
{
    private static readonly (string Name, string Value) Front = ("SERVER_SOFTWARE", "lighttpd/1.4.86");

    public static TheoryData<GatewayProtocol, string, (string, string)[], bool> Requests()
    {
        var data = new TheoryData<GatewayProtocol, string, (string, string)[], bool>();
        foreach (var protocol in new[] { GatewayProtocol.Uwsgi, GatewayProtocol.Scgi, GatewayProtocol.FastCgi })
        {
            var isFastCgi = protocol == GatewayProtocol.FastCgi;
            data.Add(protocol, "as it is sent", [], true);
            data.Add(protocol, "among other connection options", [("HTTP_CONNECTION", "keep-alive, UPGRADE")], true);
            data.Add(protocol, "by another method", [("REQUEST_METHOD", "POST")], false);
            data.Add(protocol, "by HTTP/1.0", [("SERVER_PROTOCOL", "HTTP/1.0")], false);
            data.Add(protocol, "by HTTP/2", [("SERVER_PROTOCOL", "HTTP/2.0")], false);
            data.Add(protocol, "without what to upgrade to", [("HTTP_UPGRADE", "")], false);
            data.Add(protocol, "without the connection option", [("HTTP_CONNECTION", "close")], false);
            data.Add(protocol, "with a word that contains it", [("HTTP_CONNECTION", "no-upgrade")], false);
            data.Add(protocol, "with a body", [("CONTENT_LENGTH", "1")], false);
            data.Add(protocol, "with an empty body", [("CONTENT_LENGTH", "0")], true);
            data.Add(protocol, "through Apache, which mangles it", [("SERVER_SOFTWARE", "Apache/2.4.57 (Debian)")], false);
            data.Add(protocol, "through an old lighttpd", [("SERVER_SOFTWARE", "lighttpd/1.4.73")], false);
            data.Add(protocol, "through a lighttpd that can", [("SERVER_SOFTWARE", "lighttpd/1.4.74")], true);
            data.Add(protocol, "through a lighttpd that does not say which", [("SERVER_SOFTWARE", "lighttpd")], !isFastCgi);
            data.Add(protocol, "through nginx, by name", [("SERVER_SOFTWARE", "nginx/1.22.1")], !isFastCgi);
            data.Add(protocol, "through nobody, by name", [("SERVER_SOFTWARE", "")], !isFastCgi);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_request_may_be_upgraded_when_all_agree(GatewayProtocol protocol, string form, (string, string)[] variables, bool isUpgradable)
    {
        Assert.NotEmpty(form);
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            var feature = context.Features.Get<IHttpUpgradeFeature>()!;
            Assert.Equal(isUpgradable, context.Request.Headers.ContainsKey("Upgrade"));
            if (!feature.IsUpgradableRequest)
            {
                await Assert.ThrowsAsync<InvalidOperationException>(feature.UpgradeAsync);
            }

            await context.Response.WriteAsync($"{feature.IsUpgradableRequest}");
        });
        byte[] request = [.. server.Requests.Upgrade([Front, .. variables]), .. server.Requests.Body("x")];
        Assert.Equal($"{isUpgradable}", (await server.AnswerAsync(request)).Body);
    }

    [Theory]
    [InlineData("nginx/1.22.1", true)]
    [InlineData("", true)]
    [InlineData("lighttpd/1.4.69", false)]
    [InlineData("Apache/2.4.57 (Debian)", false)]
    public async Task Over_FastCGI_an_option_lets_other_front_ends_upgrade(string software, bool isUpgradable)
    {
        await using var server = InMemoryServer.Of(
            GatewayProtocol.FastCgi,
            context => context.Response.WriteAsync($"{context.Features.Get<IHttpUpgradeFeature>()!.IsUpgradableRequest}"),
            options => options.AllowFastCgiUpgrade = true);
        Assert.Equal($"{isUpgradable}", (await server.AnswerAsync(server.Requests.Upgrade(("SERVER_SOFTWARE", software)))).Body);
    }

    [Theory]
    [InlineData(GatewayProtocol.Uwsgi, "HTTP/1.1 101 Switching Protocols", "Upgraded")]
    [InlineData(GatewayProtocol.Scgi, "Status: 101 Switching Protocols", "Upgraded")]
    [InlineData(GatewayProtocol.FastCgi, "Status: 101 Switching Protocols", "Completed")]
    public async Task Behind_a_head_in_the_protocols_style_all_bytes_are_the_apps(GatewayProtocol protocol, string start, string end)
    {
        await using var server = InMemoryServer.Of(protocol, EchoAsync);
        var body = server.Requests.Body("early,late\0\r\n\r\n");
        if (protocol == GatewayProtocol.FastCgi)
        {
            // lighttpd does not end the stream, but the connection.
            body = body[..^8];
        }

        var received = await server.AnswerAsync([.. server.Requests.Upgrade(Front), .. body]);
        Assert.Equal(start, received.StatusLine);
        Assert.Equal("Upgrade", received["Connection"]);
        Assert.Equal("websocket", received["Upgrade"]);
        Assert.Null(received["Content-Length"]);
        Assert.Equal("early,late\0\r\n\r\n", received.Body);
        Assert.False(received.IsReset);
        Assert.Equal([end], server.Ends);
        Assert.Empty(server.Meters.Measurements);
    }

    [Theory]
    [EveryProtocol]
    public async Task Bytes_come_and_go_while_the_upgrade_lasts(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, EchoAsync);
        var connection = server.Connect(server.Requests.Upgrade(Front));
        _ = await connection.ReadAsync("Status: 101".Length);
        foreach (var word in (string[])["one", "two", "three"])
        {
            await connection.SendAsync(protocol == GatewayProtocol.FastCgi ? FastCgiPackets.Stdin(1, word, 5) : Encoding.Latin1.GetBytes(word));
            Assert.Contains(word, Encoding.Latin1.GetString(await connection.ReadAsync(word.Length)), StringComparison.Ordinal);
        }

        connection.EndInput();
        Assert.False((await connection.ReadToEndAsync()).IsReset);
    }

    [Theory]
    [EveryProtocol]
    public async Task An_upgrade_is_done_once_and_before_the_response(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            var feature = context.Features.Get<IHttpUpgradeFeature>()!;
            await using var stream = await feature.UpgradeAsync();
            await Assert.ThrowsAsync<InvalidOperationException>(feature.UpgradeAsync);
        });
        _ = await server.AnswerAsync(server.Requests.Upgrade(Front));

        await using var late = InMemoryServer.Of(protocol, async context =>
        {
            await context.Response.StartAsync();
            await Assert.ThrowsAsync<InvalidOperationException>(context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync);
        });
        Assert.Equal(200, (await late.AnswerAsync(late.Requests.Upgrade(Front))).Status);
    }

    [Theory]
    [EveryProtocol]
    public async Task As_many_connections_are_upgraded_as_kestrel_allows(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            try
            {
                await EchoAsync(context);
            }
            catch (InvalidOperationException)
            {
                context.Response.StatusCode = 503;
            }
        });
        server.Kestrel.Limits.MaxConcurrentUpgradedConnections = 1;
        var first = server.Connect(server.Requests.Upgrade(Front));
        Assert.Contains(" 101 ", Encoding.ASCII.GetString(await first.ReadAsync(1)), StringComparison.Ordinal);
        Assert.Equal(503, (await server.AnswerAsync(server.Requests.Upgrade(Front))).Status);
        first.EndInput();
        _ = await first.ReadToEndAsync();
        await first.Execution.Within();
        Assert.Equal(101, (await server.AnswerAsync(server.Requests.Upgrade(Front))).Status);
    }

    [Theory]
    [EveryProtocol]
    public async Task A_peer_that_is_gone_ends_the_upgraded_connection_without_an_error_of_ours(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            try
            {
                await EchoAsync(context);
            }
            catch (IOException)
            {
                // As the WebSocket middleware sees it.
            }
        });
        var connection = server.Connect(server.Requests.Upgrade(Front));
        _ = await connection.ReadAsync(1);
        connection.Reset();
        await connection.Execution.Within();
    }

    [Theory]
    [EveryProtocol]
    public async Task An_exception_after_the_upgrade_is_a_reset(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            _ = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
            throw new InvalidOperationException("the app's");
        });
        server.Logs.Expect("ApplicationError");
        var connection = TestTransport.Open("C", isTcp: true);
        Assert.True((await server.Run(connection, server.Requests.Upgrade(Front)).ReadToEndAsync()).IsReset);
    }

    private static async Task EchoAsync(HttpContext context)
    {
        context.Response.Headers.Upgrade = "websocket";
        await using var stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
        var buffer = new byte[100];
        while (await stream.ReadAsync(buffer) is > 0 and var count)
        {
            await stream.WriteAsync(buffer.AsMemory(0, count));
        }
    }
}
