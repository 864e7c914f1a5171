using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Http;

/// <summary>WebSockets and the like: the front end hands its connection over.</summary>
public class UpgradeTests
{
    public static TheoryData<string, (string, string)[], bool> Requests() => new()
    {
        { "as nginx sends it", [], true },
        { "among other connection options", [("HTTP_CONNECTION", "keep-alive, UPGRADE")], true },
        { "by another method", [("REQUEST_METHOD", "POST")], false },
        { "by HTTP/1.0", [("SERVER_PROTOCOL", "HTTP/1.0")], false },
        { "by HTTP/2", [("SERVER_PROTOCOL", "HTTP/2.0")], false },
        { "without what to upgrade to", [("HTTP_UPGRADE", "")], false },
        { "without the connection option", [("HTTP_CONNECTION", "close")], false },
        { "with a word that contains it", [("HTTP_CONNECTION", "no-upgrade")], false },
        { "with a body", [("CONTENT_LENGTH", "1")], false },
        { "with an empty body", [("CONTENT_LENGTH", "0")], true },
        { "through Apache, which mangles it", [("SERVER_SOFTWARE", "Apache/2.4.57 (Debian)")], false },
        { "through an old lighttpd", [("SERVER_SOFTWARE", "lighttpd/1.4.69")], false },
        { "through a lighttpd that can", [("SERVER_SOFTWARE", "lighttpd/1.4.74")], true },
        { "through nginx, by name", [("SERVER_SOFTWARE", "nginx/1.22.1")], true },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task A_request_may_be_upgraded_when_all_agree(string form, (string, string)[] variables, bool isUpgradable)
    {
        Assert.NotEmpty(form);
        await using var server = new InMemoryServer(async context =>
        {
            var feature = context.Features.Get<IHttpUpgradeFeature>()!;
            Assert.Equal(isUpgradable, context.Request.Headers.ContainsKey("Upgrade"));
            if (!feature.IsUpgradableRequest)
            {
                await Assert.ThrowsAsync<InvalidOperationException>(feature.UpgradeAsync);
            }

            await context.Response.WriteAsync($"{feature.IsUpgradableRequest}");
        });
        Assert.Equal($"{isUpgradable}", (await server.AskAndCloseAsync([.. Packets.Upgrade(variables), .. "x"u8])).Body);
    }

    [Fact]
    public async Task After_the_head_all_bytes_are_the_apps()
    {
        await using var server = new InMemoryServer(EchoAsync);
        var connection = server.Connect([.. Packets.Upgrade(), .. "early,"u8]);
        var head = new Received(await connection.ReadAsync(1), IsReset: false);
        Assert.Equal("HTTP/1.1 101 Switching Protocols", head.StatusLine);
        Assert.Equal("Upgrade", head["Connection"]);
        Assert.Equal("websocket", head["Upgrade"]);
        Assert.Null(head["Content-Length"]);
        await connection.SendAsync("late\0\r\n\r\n"u8.ToArray());
        connection.EndInput();
        var rest = await connection.ReadToEndAsync();
        Assert.Equal("early,late\0\r\n\r\n", head.Body + rest.Text);
        Assert.False(rest.IsReset);
        await connection.Execution.Within();
        Assert.Equal(["Upgraded"], server.Ends);
        Assert.Empty(server.Meters.Measurements);
    }

    [Fact]
    public async Task An_upgrade_is_done_once_and_before_the_response()
    {
        await using var server = new InMemoryServer(async context =>
        {
            var feature = context.Features.Get<IHttpUpgradeFeature>()!;
            await using var stream = await feature.UpgradeAsync();
            await Assert.ThrowsAsync<InvalidOperationException>(feature.UpgradeAsync);
        });
        _ = await server.AskAndCloseAsync(Packets.Upgrade());

        await using var late = new InMemoryServer(async context =>
        {
            await context.Response.StartAsync();
            await Assert.ThrowsAsync<InvalidOperationException>(context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync);
        });
        Assert.Equal(200, (await late.AskAsync(Packets.Upgrade())).Status);
    }

    [Fact]
    public async Task As_many_connections_are_upgraded_as_kestrel_allows()
    {
        await using var server = new InMemoryServer(async context =>
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
        var first = server.Connect(Packets.Upgrade());
        Assert.StartsWith("HTTP/1.1 101 ", Encoding.ASCII.GetString(await first.ReadAsync(1)), StringComparison.Ordinal);
        Assert.Equal(503, (await server.AskAsync(Packets.Upgrade())).Status);
        first.EndInput();
        _ = await first.ReadToEndAsync();
        await first.Execution.Within();
        Assert.Equal(101, (await server.AskAndCloseAsync(Packets.Upgrade())).Status);
    }

    [Fact]
    public async Task A_peer_that_is_gone_ends_the_upgraded_connection_without_an_error_of_ours()
    {
        await using var server = new InMemoryServer(async context =>
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
        var connection = server.Connect(Packets.Upgrade());
        _ = await connection.ReadAsync(1);
        connection.Reset();
        await connection.Execution.Within();
    }

    [Fact]
    public async Task An_exception_after_the_upgrade_is_a_reset()
    {
        await using var server = new InMemoryServer(async context =>
        {
            _ = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
            throw new InvalidOperationException("the app's");
        });
        server.Logs.Expect("ApplicationError");
        Assert.True((await server.AskAsync(Packets.Upgrade())).IsReset);
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
