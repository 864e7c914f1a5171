using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Hosting;

namespace Uwsgi.Protocol.Tests.OnePort;

/// <summary>HTTP on a port for all protocols is that of the app's HTTP endpoints, byte for byte.</summary>
public partial class SameHttpTests
{
    private const string Close = "Host: example.org\r\nConnection: close\r\n";

    public static TheoryData<string> Conversations =>
    [
        $"GET /a%20b?c=d HTTP/1.1\r\n{Close}\r\n",
        $"HEAD / HTTP/1.1\r\n{Close}\r\n",
        $"\r\n\r\nGET / HTTP/1.1\r\n{Close}\r\n",
        $"X / HTTP/1.1\r\n{Close}\r\n",
        $"get / HTTP/1.1\r\n{Close}\r\n",
        $"POST / HTTP/1.1\r\n{Close}Content-Length: 5\r\n\r\nhello",
        $"POST / HTTP/1.1\r\n{Close}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        $"POST / HTTP/1.1\r\n{Close}Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
        $"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3 HTTP/1.1\r\n{Close}\r\n",
        "GET / HTTP/1.0\r\n\r\n",

        // What Kestrel refuses, and how.
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET /\r\n\r\n",
        "GETT\0 / HTTP/1.1\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        $"GET / HTTP/1.1\r\n{Close}A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\n\r\n",
        $"GET / HTTP/1.1\r\n{Close}A: {new string('a', 600)}\r\n\r\n",
        $"GET /{new string('a', 300)} HTTP/1.1\r\n{Close}\r\n",
        $"POST / HTTP/1.1\r\n{Close}Content-Length: 11\r\n\r\n",
    ];

    [Theory, MemberData(nameof(Conversations))]
    public async Task A_conversation_is_the_same_as_on_the_apps_http_endpoint(string conversation)
    {
        await using var app = await StartAsync(kestrel =>
        {
            kestrel.Limits.MaxRequestHeaderCount = 6;
            kestrel.Limits.MaxRequestHeadersTotalSize = 500;
            kestrel.Limits.MaxRequestLineSize = 250;
            kestrel.Limits.MaxRequestBodySize = 10;
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromSeconds(2);
        });
        app.Logs.Expect(entry => entry.Exception is Microsoft.AspNetCore.Http.BadHttpRequestException);
        var expected = await ConverseAsync(EndPointOf(app), conversation);
        Assert.NotEqual("", expected);
        Assert.Equal(expected, await ConverseAsync(app.GatewayEndPoints[0], conversation));
    }

    [Fact]
    public async Task The_apps_switches_hold()
    {
        await using var app = await StartAsync(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.AllowSynchronousIO = true;
        });
        var expected = await ConverseAsync(EndPointOf(app), $"GET /sync HTTP/1.1\r\n{Close}\r\n");
        Assert.Contains("written at once", expected, StringComparison.Ordinal);
        Assert.DoesNotContain("Server:", expected, StringComparison.Ordinal);
        Assert.Equal(expected, await ConverseAsync(app.GatewayEndPoints[0], $"GET /sync HTTP/1.1\r\n{Close}\r\n"));
    }

    [Fact]
    public async Task A_request_that_comes_a_byte_at_a_time_is_served()
    {
        await using var app = await StartAsync();
        using var peer = await SocketPeer.ConnectAsync(app.GatewayEndPoints[0]);
        peer.Socket.NoDelay = true;
        foreach (var one in Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\n{Close}\r\n"))
        {
            await peer.SendAsync(new[] { one });
        }

        Assert.Equal(200, (await peer.ReadToEndAsync()).Status);
    }

    [Fact]
    public async Task WebSockets_work_up_to_Kestrels_limit_of_them()
    {
        await using var app = await StartAsync(kestrel => kestrel.Limits.MaxConcurrentUpgradedConnections = 1);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{app.GatewayEndPoints[0]}/ws"), CancellationToken.None).Within();
        await socket.SendAsync("ping"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None).Within();
        var buffer = new byte[16];
        var received = await socket.ReceiveAsync(buffer, CancellationToken.None).Within();
        Assert.Equal("ping", Encoding.ASCII.GetString(buffer, 0, received.Count));

        using var another = new ClientWebSocket();
        await Assert.ThrowsAsync<WebSocketException>(() => another.ConnectAsync(new Uri($"ws://{app.GatewayEndPoints[0]}/ws"), CancellationToken.None).Within());
        app.Logs.Expect(entry => entry.Exception is InvalidOperationException { Message: var message } && message.Contains("upgraded connections", StringComparison.Ordinal));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None).Within();
    }

    [Fact]
    public async Task A_long_answer_comes_whole_to_a_client_that_starts_late()
    {
        const long Length = 64 * 1024 * 1024;
        await using var app = await StartAsync();
        using var peer = await SocketPeer.ConnectAsync(app.GatewayEndPoints[0]);
        await peer.SendAsync(Encoding.ASCII.GetBytes($"GET /long?{Length} HTTP/1.1\r\n{Close}\r\n"));
        _ = await peer.ReadAsync(1);
        Assert.Equal(200, (await SocketPeer.AskAsync(app.GatewayEndPoints[0], Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\n{Close}\r\n"))).Status);
        var rest = await peer.ReadToEndAsync();
        Assert.False(rest.IsReset);
        Assert.True(rest.Bytes.AsSpan()[^(int)Length..].IndexOfAnyExcept((byte)'x') < 0);
    }

    private static Task<RunningApp> StartAsync(Action<KestrelServerOptions>? configure = null) => RunningApp.StartAsync(
        WebApplication.CreateBuilder(),
        builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.WebHost.UseGateway(0);
            builder.WebHost.ConfigureKestrel(configure ?? (static _ => { }));
        },
        app =>
        {
            app.UseWebSockets();
            app.Run(static context => context.Request.Path.Value switch
            {
                "/sync" => WriteAtOnce(context),
                "/ws" => EchoAsync(context),
                "/long" => StreamAsync(context),
                _ => ShowAsync(context),
            });
        });

    private static IPEndPoint EndPointOf(RunningApp app) => IPEndPoint.Parse(new Uri(app.HttpAddress).Authority);

    /// <summary>Says it all, and hears it all; of the answer all but the time.</summary>
    private static async Task<string> ConverseAsync(EndPoint endPoint, string conversation)
    {
        using var peer = await SocketPeer.ConnectAsync(endPoint);
        await peer.SendAsync(Encoding.ASCII.GetBytes(conversation));
        return DateHeader().Replace((await peer.ReadToEndAsync()).Text, "Date: now");
    }

    private static async Task ShowAsync(HttpContext context)
    {
        var request = context.Request;
        var body = await new StreamReader(request.Body).ReadToEndAsync();
        await context.Response.WriteAsync($"{request.Method} {request.Scheme}://{request.Host}{request.Path}{request.QueryString} {request.Protocol} {body} {context.Connection.RemoteIpAddress}\n");
    }

    private static Task WriteAtOnce(HttpContext context)
    {
        context.Response.Body.Write("written at once"u8);
        return Task.CompletedTask;
    }

    private static async Task EchoAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync();
        var buffer = new byte[16];
        while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { CloseStatus: null } received)
        {
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
        }

        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", context.RequestAborted);
    }

    private static async Task StreamAsync(HttpContext context)
    {
        var left = long.Parse(context.Request.QueryString.Value![1..], System.Globalization.CultureInfo.InvariantCulture);
        context.Response.ContentLength = left;
        var piece = Encoding.ASCII.GetBytes(new string('x', 32 * 1024));
        for (; left > 0; left -= piece.Length)
        {
            await context.Response.Body.WriteAsync(piece);
        }
    }

    [GeneratedRegex("Date: [^\r]*")]
    private static partial Regex DateHeader();
}
