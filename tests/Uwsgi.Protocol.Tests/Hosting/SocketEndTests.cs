using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Hosting;

/// <summary>The end of a real connection: where a response is lost when it is done wrong.</summary>
public class SocketEndTests
{
    /// <summary>Our own endpoint over both transports, and one of the app's own Kestrel.</summary>
    public static TheoryData<string> Transports => ["tcp", "unix", "tcp, Kestrel's transport", "unix, Kestrel's transport", "kestrel tcp", "kestrel unix"];

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_client_that_half_closes_still_gets_the_answer(string transport)
    {
        await using var app = await StartAsync(transport, async context =>
        {
            await Task.Delay(5);
            await context.Response.WriteAsync("the answer");
        });
        using var peer = await SocketPeer.ConnectAsync(app.EndPoint);
        await peer.SendAsync(Packets.Get());
        peer.EndInput();
        var received = await peer.ReadToEndAsync();
        Assert.Equal("the answer", received.Body);
        Assert.False(received.IsReset);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_end_comes_in_one_packet_with_the_last_bytes_over_tcp(bool hasLength)
    {
        const int Tcp = 6;
        const int Information = 11;
        const byte CloseWait = 8;
        await using var app = await StartAsync("tcp", async context =>
        {
            context.Response.ContentLength = hasLength ? 10 : null;
            await context.Response.WriteAsync("the answer");
        });
        var state = new byte[1];
        for (var i = 0; i < 200; i++)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 20_000 };
            await socket.ConnectAsync(app.EndPoint);
            await socket.SendAsync(Packets.Get());
            Assert.NotEqual(0, socket.Receive(new byte[4096]));
            socket.GetRawSocketOption(Tcp, Information, state);
            Assert.Equal(CloseWait, state[0]);
        }
    }

    [Fact]
    public async Task What_an_app_keeps_of_a_connection_is_no_other_one()
    {
        var kept = new List<Microsoft.AspNetCore.Connections.Features.IConnectionIdFeature>();
        await using var app = await StartAsync("tcp", async context =>
        {
            if (context.Request.Path == "/keep")
            {
                kept.Add(context.Features.Get<Microsoft.AspNetCore.Connections.Features.IConnectionIdFeature>()!);
            }

            await context.Response.WriteAsync(context.Connection.Id);
        });
        var ids = new List<string>();
        for (var i = 0; i < 60; i++)
        {
            using var peer = await SocketPeer.ConnectAsync(app.EndPoint);
            await peer.SendAsync(Packets.Get(i % 4 == 0 ? "/keep" : "/"));
            ids.Add((await peer.ReadToEndAsync()).Body);
        }

        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal(ids.Where((_, i) => i % 4 == 0), kept.Select(feature => feature.ConnectionId));
    }

    [Theory]
    [InlineData("tcp", true)]
    [InlineData("tcp", false)]
    [InlineData("kestrel tcp", true)]
    [InlineData("kestrel tcp", false)]
    public async Task An_abort_in_the_middle_of_a_response_is_a_reset_over_tcp(string transport, bool hasLength)
    {
        var inside = new SyncPoint();
        await using var app = await StartAsync(transport, async context =>
        {
            context.Response.ContentLength = hasLength ? 1000 : null;
            await context.Response.WriteAsync("half");
            await inside.MeetAsync();
            context.Abort();
        });
        using var peer = await SocketPeer.ConnectAsync(app.EndPoint);
        await peer.SendAsync(Packets.Get());
        _ = await peer.ReadAsync(20);
        inside.Continue();
        Assert.True((await peer.ReadToEndAsync()).IsReset);
    }

    [Fact]
    public async Task An_exception_in_the_middle_of_a_response_is_a_reset_over_tcp()
    {
        var inside = new SyncPoint();
        await using var app = await StartAsync("tcp", async context =>
        {
            await context.Response.WriteAsync("half");
            await inside.MeetAsync();
            throw new InvalidOperationException("the app's");
        });
        app.Logs.Expect(entry => entry.Exception?.Message == "the app's");
        using var peer = await SocketPeer.ConnectAsync(app.EndPoint);
        await peer.SendAsync(Packets.Get());
        _ = await peer.ReadAsync(20);
        inside.Continue();
        Assert.True((await peer.ReadToEndAsync()).IsReset);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task RequestAborted_fires_when_the_peer_goes(string transport)
    {
        var fired = new TaskCompletionSource();
        var inside = new SyncPoint();
        await using var app = await StartAsync(transport, async context =>
        {
            using var registration = context.RequestAborted.Register(fired.SetResult);
            await inside.MeetAsync();
            await fired.Task.Within();
        });
        using var peer = await SocketPeer.ConnectAsync(app.EndPoint);
        await peer.SendAsync(Packets.Get());
        await inside.Reached;
        peer.Reset();
        inside.Continue();
        await fired.Task.Within();
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task A_completed_response_is_followed_by_its_end_at_once(string transport)
    {
        var inside = new SyncPoint();
        await using var app = await StartAsync(transport, async context =>
        {
            await context.Response.WriteAsync("hello");
            await context.Response.CompleteAsync();
            await inside.MeetAsync();
        });
        using var peer = await SocketPeer.ConnectAsync(app.EndPoint);
        await peer.SendAsync(Packets.Get());
        Assert.Equal("hello", (await peer.ReadToEndAsync()).Body);
        await inside.Reached;
        inside.Continue();
    }

    [Theory]
    [InlineData("unix")]
    [InlineData("tcp, Kestrel's transport")]
    public async Task A_stop_lets_a_request_end_and_closes_an_idle_connection_at_once(string transport)
    {
        var inside = new SyncPoint();
        var app = await StartAsync(transport, async context =>
        {
            await inside.MeetAsync();
            await context.Response.WriteAsync("the answer");
        });
        await using (app)
        {
            var endPoint = app.EndPoint;
            using var idle = await SocketPeer.ConnectAsync(endPoint);
            using var busy = await SocketPeer.ConnectAsync(endPoint);
            await busy.SendAsync(Packets.Get());
            await inside.Reached;
            var stopping = app.StopAsync();
            Assert.Empty((await idle.ReadToEndAsync()).Bytes);
            Assert.False(stopping.IsCompleted);
            await Assert.ThrowsAsync<SocketException>(() => SocketPeer.ConnectAsync(endPoint));
            inside.Continue();
            Assert.Equal("the answer", (await busy.ReadToEndAsync()).Body);
            await stopping;
        }
    }

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    [InlineData("tcp, Kestrel's transport")]
    public async Task A_stop_that_runs_out_of_time_aborts_what_is_left(string transport)
    {
        var inside = new SyncPoint();
        var aborted = new TaskCompletionSource();
        var app = await StartAsync(transport, async context =>
        {
            using var registration = context.RequestAborted.Register(aborted.SetResult);
            await inside.MeetAsync();
        });
        await using (app)
        {
            using var peer = await SocketPeer.ConnectAsync(app.EndPoint);
            await peer.SendAsync(Packets.Get());
            await inside.Reached;
            var stopping = app.Host.StopAsync(new CancellationToken(canceled: true));
            await aborted.Task.Within();
            inside.Continue();
            await stopping.Within();
        }
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_websocket_echoes(string transport)
    {
        await using var app = await StartAsync(transport, async context =>
        {
            context.Response.Headers.Upgrade = "echo";
            await using var stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
            await stream.CopyToAsync(stream);
        });
        using var peer = await SocketPeer.ConnectAsync(app.EndPoint);
        await peer.SendAsync(Packets.Upgrade());
        var head = System.Text.Encoding.ASCII.GetString(await peer.ReadAsync(12));
        Assert.Equal("HTTP/1.1 101", head);
        await peer.SendAsync("over and back"u8.ToArray());
        peer.EndInput();
        Assert.EndsWith("\r\n\r\nover and back", (await peer.ReadToEndAsync()).Text, StringComparison.Ordinal);
    }

    internal static Task<RunningApp> StartAsync(string transport, RequestDelegate app, Action<WebApplicationBuilder>? configure = null, GatewayProtocol protocol = GatewayProtocol.Uwsgi) =>
        RunningApp.StartAsync(
            app,
            options =>
            {
                options.Transport = transport.EndsWith("Kestrel's transport", StringComparison.Ordinal) ? GatewayTransport.Kestrel : GatewayTransport.Auto;
                if (transport.StartsWith("tcp", StringComparison.Ordinal))
                {
                    options.Listen(0, protocol);
                }
                else if (transport.StartsWith("unix", StringComparison.Ordinal))
                {
                    options.Listen(HostScenarioTests.SocketPath(), protocol);
                }
            },
            builder =>
            {
                configure?.Invoke(builder);
                builder.WebHost.ConfigureKestrel(kestrel =>
                {
                    if (transport is "kestrel tcp")
                    {
                        kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseUwsgi());
                    }
                    else if (transport is "kestrel unix")
                    {
                        kestrel.ListenUnixSocket(HostScenarioTests.SocketPath(), listen => listen.UseUwsgi());
                    }
                });
            });
}
