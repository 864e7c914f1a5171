using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Uwsgi.Protocol.Harakiri;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.FastCgi;
using Uwsgi.Protocol.Tests.Harakiri;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Hosting;

/// <summary>Harakiri in an app, on real sockets and by the real clock; HTTP requests too.</summary>
public sealed class HarakiriHostTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    public static TheoryData<string, bool> TransportsAndBlocking
    {
        get
        {
            var data = new TheoryData<string, bool>();
            foreach (var row in (IEnumerable<object[]>)SocketEndTests.Transports)
            {
                var transport = (string)row[0];
                data.Add(transport, false);
                data.Add(transport, true);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(TransportsAndBlocking))]
    public async Task A_front_end_has_its_504_and_the_end_of_the_connection_while_the_handler_is_stuck(string transport, bool blocks)
    {
        var handler = new StuckHandler(blocks);
        await using var app = await SocketEndTests.StartAsync(transport, handler.RunAsync, Harakiri);
        using var end = handler;
        var monitor = app.Host.Services.GetRequiredService<HarakiriMonitor>();
        var watch = Stopwatch.StartNew();
        var received = await SocketPeer.AskAsync(app.EndPoint, Packets.Get());
        Assert.Equal(504, received.Status);
        Assert.False(received.IsReset);
        Assert.True(watch.Elapsed >= Short, $"{watch.Elapsed} is too early.");
        Assert.Equal(1, monitor.Stuck);
        handler.Release();
        await Eventually.TrueAsync(() => monitor.Stuck == 0);
    }

    [Theory]
    [InlineData("tcp", GatewayProtocol.Uwsgi)]
    [InlineData("unix", GatewayProtocol.Uwsgi)]
    [InlineData("tcp", GatewayProtocol.Scgi)]
    [InlineData("unix", GatewayProtocol.Scgi)]
    [InlineData("tcp", GatewayProtocol.FastCgi)]
    [InlineData("unix", GatewayProtocol.FastCgi)]
    public async Task An_answer_reaches_one_who_is_still_sending_a_body_that_the_stuck_handler_does_not_read(string transport, GatewayProtocol protocol)
    {
        const int Length = 16 * 1024 * 1024;
        var handler = new StuckHandler(blocks: false);
        await using var app = await SocketEndTests.StartAsync(transport, async context =>
        {
            // Some of it is in the handler's hands, and stays there.
            var held = await context.Request.BodyReader.ReadAsync();
            var before = held.Buffer.FirstSpan.ToArray();
            await handler.Released;
            Assert.Equal(before, held.Buffer.FirstSpan.ToArray());
            context.Request.BodyReader.AdvanceTo(held.Buffer.End);
        }, Harakiri, protocol);
        using var end = handler;
        var requests = new RequestBytes(protocol);
        using var peer = await SocketPeer.ConnectAsync(app.EndPointOf(protocol));
        await peer.SendAsync(requests.PostHead(Length));
        var piece = Enumerable.Repeat((byte)'x', 32 * 1024).ToArray();
        var record = protocol == GatewayProtocol.FastCgi ? FastCgiPackets.Stdin(1, new string('x', piece.Length)) : piece;
        for (var sent = 0; sent < Length; sent += piece.Length)
        {
            await peer.SendAsync(record);
        }

        var received = requests.Answer(await peer.ReadToEndAsync());
        Assert.Equal(504, received.Status);
        Assert.False(received.IsReset);
        handler.Release();
    }

    [Fact]
    public async Task Many_that_are_stuck_at_once_are_all_answered_and_others_beside_them_are_not_touched()
    {
        const int Count = 64;
        var handler = new StuckHandler(blocks: true);
        await using var app = await SocketEndTests.StartAsync(
            "unix",
            context => context.Request.Path == "/stuck" ? handler.RunAsync(context) : context.Response.WriteAsync("hello"),
            Harakiri);
        using var end = handler;
        var monitor = app.Host.Services.GetRequiredService<HarakiriMonitor>();
        var stuck = Enumerable.Range(0, Count).Select(_ => SocketPeer.AskAsync(app.EndPoint, Packets.Get("/stuck"))).ToArray();
        var all = Task.WhenAll(stuck);
        do
        {
            Assert.Equal("hello", (await app.AskAsync(Packets.Get())).Body);
        }
        while (!all.IsCompleted);
        Assert.All(await all, received => Assert.Equal((504, false), (received.Status, received.IsReset)));
        Assert.Equal(Count, monitor.Stuck);
        handler.Release();
        await Eventually.TrueAsync(() => monitor.Stuck == 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task By_HTTP_a_handler_that_does_not_come_back_has_its_request_aborted(bool blocks)
    {
        var handler = new StuckHandler(blocks);
        await using var app = await SocketEndTests.StartAsync("unix", handler.RunAsync, Harakiri);
        using var end = handler;
        var monitor = app.Host.Services.GetRequiredService<HarakiriMonitor>();
        await Assert.ThrowsAsync<HttpRequestException>(() => app.GetAsync());
        Assert.Equal((1, 1L), (monitor.Stuck, monitor.StuckTotal));
        await Eventually.TrueAsync(() => app.Logs.Of("Killed").Any());
        Assert.Contains("GET / was aborted", Assert.Single(app.Logs.Of("Killed")).Message, StringComparison.Ordinal);
        handler.Release();
        await Eventually.TrueAsync(() => monitor.Stuck == 0);
    }

    [Theory]
    [InlineData("throws", HttpStatusCode.GatewayTimeout)]
    [InlineData("returns", HttpStatusCode.GatewayTimeout)]
    [InlineData("499", HttpStatusCode.GatewayTimeout)]
    [InlineData("503", HttpStatusCode.ServiceUnavailable)]
    [InlineData("answers", HttpStatusCode.OK)]
    public async Task By_HTTP_a_handler_that_stops_when_it_is_told_to_is_answered(string how, HttpStatusCode status)
    {
        await using var app = await SocketEndTests.StartAsync("unix", async context =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted);
            }
            catch (OperationCanceledException) when (how is not "throws")
            {
                context.Response.StatusCode = how is "499" ? 499 : how is "503" ? 503 : 200;
                if (how is "answers")
                {
                    await context.Response.WriteAsync("in time");
                }
            }
        }, Patient);
        using var client = new HttpClient();
        using var response = await client.GetAsync(app.HttpAddress).Within();
        Assert.Equal(status, response.StatusCode);
        Assert.Equal(how is "answers" ? "in time" : "", await response.Content.ReadAsStringAsync());
        var monitor = app.Host.Services.GetRequiredService<HarakiriMonitor>();
        Assert.Equal((1L, 0L, 0), (monitor.Killed, monitor.StuckTotal, monitor.Watched));
    }

    [Fact]
    public async Task By_HTTP_a_WebSocket_has_no_deadline()
    {
        var isOpen = new TaskCompletionSource();
        var handler = new StuckHandler(blocks: false);
        await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Services.AddHarakiri(options => (options.Timeout, options.Grace) = (Short, TimeSpan.Zero));
        }, application =>
        {
            application.UseWebSockets();
            application.Run(async context =>
            {
                if (!context.WebSockets.IsWebSocketRequest)
                {
                    await handler.RunAsync(context);
                    return;
                }

                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                isOpen.SetResult();
                await handler.Released;
                await socket.SendAsync("still there"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            });
        });
        using var end = handler;
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri(app.HttpAddress.Replace("http", "ws", StringComparison.Ordinal)), CancellationToken.None).Within();
        await isOpen.Task.Within();

        // One that came behind it has been ended by then.
        await Assert.ThrowsAsync<HttpRequestException>(() => app.GetAsync());
        handler.Release();
        var buffer = new byte[100];
        var received = await client.ReceiveAsync(buffer.AsMemory(), CancellationToken.None).AsTask().Within();
        Assert.Equal("still there"u8.ToArray(), buffer[..received.Count]);
    }

    [Fact]
    public async Task Endpoints_say_how_long_whether_harakiri_was_switched_on_by_a_service_or_by_the_app()
    {
        foreach (var byService in new[] { true, false })
        {
            await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
            {
                builder.WebHost.UseUrls("http://127.0.0.1:0");
                builder.WebHost.UseUwsgiProtocol(0);

                // As authentication and others do.
                builder.Services.AddSingleton(TimeProvider.System);
                if (byService)
                {
                    builder.Services.AddHarakiri(options => options.Grace = TimeSpan.Zero);
                }
            }, application =>
            {
                if (!byService)
                {
                    application.UseHarakiri(options => options.Grace = TimeSpan.Zero);
                }

                application.MapGet("/short", async (HttpContext context) => await Task.Delay(Timeout.Infinite, context.RequestAborted)).WithHarakiri(Short);
                application.MapGet("/hello", static () => "hello");
            });
            var received = await app.AskAsync(Packets.Get("/short"));
            Assert.Equal(504, received.Status);
            var entry = Assert.Single(app.Logs.Of("Triggered"));
            Assert.Contains("endpoint \"HTTP: GET /short\"", entry.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("trace id none", entry.Message, StringComparison.Ordinal);
            Assert.Equal("hello", (await app.AskAsync(Packets.Get("/hello"))).Body);
            Assert.Equal("hello", await app.GetAsync("/hello"));
        }
    }

    [Theory]
    [EveryWay(OverHttp = true)]
    public async Task An_endpoint_has_the_time_that_stands_there_and_whoever_asks_is_told_of_a_stuck_one(GatewayProtocol? protocol, GatewayTransport transport)
    {
        StuckRequest? told = null;
        var waits = new TaskCompletionSource();
        var handler = new StuckHandler(blocks: false);
        await using var app = await RunningApp.StartAsync(
            protocol,
            transport,
            application =>
            {
                application.MapHealthChecks("/health");
                application.MapGet("/stuck/{name}", handler.RunAsync).WithHarakiri(2 * Short);
                application.MapGet("/patient", context =>
                {
                    waits.SetResult();
                    return handler.RunAsync(context);
                }).DisableHarakiri();
            },
            builder =>
            {
                builder.Services.AddHarakiri(options => (options.Timeout, options.Grace, options.OnStuck) = (Short, TimeSpan.Zero, stuck => Volatile.Write(ref told, stuck)));
                builder.Services.AddHealthChecks().AddHarakiri();
            });
        using var end = handler;
        var patient = app.AskAsync(protocol, "/patient");
        await waits.Task.Within();
        Assert.Equal("Healthy", (await app.AskAsync(protocol, "/health")).Body);
        var watch = Stopwatch.StartNew();

        // Kestrel answers for no handler that is still at it: it cuts off.
        Assert.Equal(protocol is null ? 0 : 504, (await app.AskAsync(protocol, "/stuck/a%20b?c")).Status);
        Assert.True(watch.Elapsed >= 2 * Short, $"{watch.Elapsed} is too early.");
        await Eventually.TrueAsync(() => Volatile.Read(ref told) is not null);
        Assert.Equal(("GET", "/stuck/a%20b?c", "HTTP: GET /stuck/{name}", 1), (told!.Method, told.Target, told.Endpoint, told.Stuck));
        Assert.Equal("Degraded", (await app.AskAsync(protocol, "/health")).Body);
        Assert.False(patient.IsCompleted);
        handler.Release();
        Assert.Equal("late", (await patient).Body);
        await Eventually.TrueAsync(() => app.AskAsync(protocol, "/health").Result.Body == "Healthy");
    }

    [Fact]
    public async Task A_FastCGI_connection_that_is_not_kept_takes_what_comes_though_its_handler_blocks()
    {
        using var directory = new TemporaryDirectory();
        var handler = new StuckHandler(blocks: true);
        await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseFastCgi(options =>
            {
                options.ServeHttp = false;
                options.Listen(directory["app.sock"]);
            });
            builder.Services.AddHarakiri(static options => (options.Timeout, options.Grace) = (Short, TimeSpan.Zero));
        }, application => application.Run(handler.RunAsync));
        using var end = handler;
        using var peer = await SocketPeer.ConnectAsync(new UnixDomainSocketEndPoint(directory["app.sock"]));
        await peer.SendAsync(FastCgiPackets.Get(keep: false));
        var received = await peer.ReadToEndAsync();
        Assert.Equal(504, new FastCgiAnswer(FastCgiRecord.TakeAll([.. received.Bytes])).Status);

        // More than a socket holds: somebody takes it.
        await peer.SendAsync(new byte[4 * 1024 * 1024]).Within();
        handler.Release();
    }

    [Fact]
    public async Task An_app_of_HTTP_alone_needs_no_other_line()
    {
        await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder => builder.WebHost.UseTestServer(), application =>
        {
            application.UseHarakiri(Short);
            application.Run(static context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        });
        using var client = app.Host.GetTestClient();
        using var response = await client.GetAsync("/").Within();
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
    }

    [Fact]
    public async Task The_options_may_come_from_configuration()
    {
        await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.Configuration["Harakiri:Timeout"] = "00:00:00.200";
            builder.Configuration["Harakiri:Grace"] = "00:00:10";
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.WebHost.UseUwsgiProtocol(0);
            builder.Services.Configure<HarakiriOptions>(builder.Configuration.GetSection("Harakiri"));
        }, application =>
        {
            application.UseHarakiri();
            application.Run(static context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        });
        Assert.Equal(504, (await app.AskAsync(Packets.Get())).Status);
    }

    private static void Harakiri(WebApplicationBuilder builder) =>
        builder.Services.AddHarakiri(options => (options.Timeout, options.Grace) = (Short, TimeSpan.Zero));

    private static void Patient(WebApplicationBuilder builder) =>
        builder.Services.AddHarakiri(options => (options.Timeout, options.Grace) = (Short, TimeSpan.FromMinutes(1)));
}
