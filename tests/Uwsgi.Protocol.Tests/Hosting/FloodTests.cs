using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Hosting;

/// <summary>Many peers at once, and rude ones.</summary>
[Collection(nameof(OneAtATime))]
public class FloodTests
{
    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task Fifteen_hundred_clients_at_once_are_all_answered(string transport)
    {
        await using var app = await SocketEndTests.StartAsync(transport, static context => context.Response.WriteAsync("hello"));
        var endPoint = app.EndPoint;
        var answers = await Task.WhenAll(Enumerable.Range(0, 1500).Select(_ => SocketPeer.AskAsync(endPoint, Packets.Get())));
        Assert.All(answers, answer => Assert.Equal("hello", answer.Body));
    }

    [Fact]
    [Trait("Guards", "a flood of connections")]
    public async Task Five_thousand_idle_connections_stand_in_nobodys_way_and_are_closed_in_their_time()
    {
        var time = new ManualTimeProvider();
        await using var app = await SocketEndTests.StartAsync(
            "tcp", static context => context.Response.WriteAsync("hello"), builder => builder.Services.AddSingleton<TimeProvider>(time));
        var endPoint = app.EndPoint;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var idle = new List<SocketPeer>();
        try
        {
            for (var i = 0; i < 5000; i++)
            {
                idle.Add(await SocketPeer.ConnectAsync(endPoint));
            }

            for (var i = 0; i < 20; i++)
            {
                Assert.Equal("hello", (await SocketPeer.AskAsync(endPoint, Packets.Get())).Body);
            }

            // Both ends are in this process: some KB each, and no more.
            Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 5000 * 64 * 1024L);
            await Eventually.TrueAsync(() =>
            {
                time.Advance(TimeSpan.FromSeconds(131));
                return app.Logs.Of("TimedOut").Count() >= 5000;
            });
            foreach (var peer in idle)
            {
                Assert.Empty((await peer.ReadToEndAsync()).Bytes);
            }

            Assert.Equal("hello", (await SocketPeer.AskAsync(endPoint, Packets.Get())).Body);
        }
        finally
        {
            idle.ForEach(peer => peer.Dispose());
        }
    }

    [Theory]
    [Trait("Guards", "no connection and no request is ever lost count of")]
    [InlineData("tcp")]
    [InlineData("unix")]
    [InlineData("kestrel tcp")]
    [InlineData("tcp, Kestrel's transport")]
    public async Task Peers_that_leave_at_any_step_leave_nothing_behind(string transport)
    {
        const int Rounds = 300;
        var steps = Enum.GetValues<Step>();
        var inApp = 0;
        MeterCapture? meters = null;
        await using var app = await SocketEndTests.StartAsync(
            transport,
            async context =>
            {
                Interlocked.Increment(ref inApp);
                try
                {
                    if (context.Request.Path == "/slow")
                    {
                        await context.Response.WriteAsync("begin");
                        await Task.Delay(10_000, context.RequestAborted);
                    }

                    await context.Request.Body.CopyToAsync(Stream.Null);
                    await context.Response.WriteAsync(new string('x', 300_000));
                }
                finally
                {
                    Interlocked.Decrement(ref inApp);
                }
            },
            builder =>
            {
                // More than one lost place would be noticed.
                builder.Services.Configure<UwsgiProtocolOptions>(options => options.Limits.MaxConcurrentRequests = 500);
            });
        using (meters = new MeterCapture(meter => meter.Scope == app.Host.Services.GetRequiredService<IMeterFactory>()))
        {
            var endPoint = app.EndPoint;
            await Parallel.ForAsync(0, Rounds * steps.Length, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, _) =>
            {
                using var peer = await SocketPeer.ConnectAsync(endPoint);
                try
                {
                    await GoAsync(peer, steps[i % steps.Length]);
                }
                catch (SocketException)
                {
                    // It was the server that left first.
                }

                if (i % 2 == 0)
                {
                    peer.Reset();
                }
                else
                {
                    peer.Dispose();
                }
            });

            // Who says nothing and resets is not handed over by a system that was told to wait for a word (TCP_DEFER_ACCEPT).
            var unheard = transport == "tcp" ? Enumerable.Range(0, Rounds * steps.Length).Count(i => i % 2 == 0 && steps[i % steps.Length] == Step.Connected) : 0;
            await Eventually.TrueAsync(() => app.Logs.Of("ConnectionEnded").Count() >= (Rounds * steps.Length) - unheard);
            await Eventually.TrueAsync(() => Volatile.Read(ref inApp) == 0);
            await Eventually.TrueAsync(() => meters.Sum("http.server.active_requests") == 0);
        }

        // All places are free.
        var answers = await Task.WhenAll(Enumerable.Range(0, 400).Select(_ => SocketPeer.AskAsync(app.EndPoint, Packets.Get())));
        Assert.All(answers, answer => Assert.Equal(200, answer.Status));
    }

    [Fact]
    [Trait("Guards", "slow peers")]
    public async Task Slow_peers_stand_in_nobodys_way_and_are_closed_in_their_time()
    {
        var time = new ManualTimeProvider();
        await using var app = await SocketEndTests.StartAsync(
            "tcp",
            async context =>
            {
                await context.Request.Body.CopyToAsync(Stream.Null);
                await context.Response.WriteAsync("hello");
            },
            builder => builder.Services.AddSingleton<TimeProvider>(time));
        var endPoint = app.EndPoint;
        var slow = new List<SocketPeer>();
        try
        {
            for (var i = 0; i < 200; i++)
            {
                var peer = await SocketPeer.ConnectAsync(endPoint);
                slow.Add(peer);
                await peer.SendAsync(i % 2 == 0 ? Packets.Get()[..(4 + (i % 50))] : [.. Packets.PostHead(100_000), .. new byte[i]]);
            }

            for (var i = 0; i < 20; i++)
            {
                Assert.Equal("hello", (await SocketPeer.AskAsync(endPoint, Packets.Post("x"))).Body);
            }

            await Eventually.TrueAsync(() =>
            {
                foreach (var peer in slow)
                {
                    Drip(peer.Socket);
                }

                time.Advance(TimeSpan.FromSeconds(1));
                return app.Logs.Of("ConnectionEnded").Count() == 220;
            });
            Assert.Equal(100, app.Logs.Of("TimedOut").Count());
            Assert.Equal(100, app.Logs.Of("BadRequest").Count());
        }
        finally
        {
            slow.ForEach(peer => peer.Dispose());
        }
    }

    private static void Drip(Socket socket)
    {
        try
        {
            socket.Send([0]);
        }
        catch (SocketException)
        {
            // Cut off at last.
        }
    }

    private static async Task GoAsync(SocketPeer peer, Step step)
    {
        var post = Packets.Post(new string('b', 1000));
        switch (step)
        {
            case Step.Connected:
                return;
            case Step.InHeader:
                await peer.SendAsync(post.AsMemory(0, 2));
                return;
            case Step.InVariables:
                await peer.SendAsync(post.AsMemory(0, 100));
                return;
            case Step.InBody:
                await peer.SendAsync(post.AsMemory(0, post.Length - 1));
                return;
            case Step.Sent:
                await peer.SendAsync(post);
                return;
            case Step.HalfClosed:
                await peer.SendAsync(post);
                peer.EndInput();
                return;
            case Step.WaitingForMore:
                await peer.SendAsync(Packets.Get("/slow"));
                _ = await peer.ReadAsync(10);
                return;
            case Step.InResponse:
                await peer.SendAsync(post);
                _ = await peer.ReadAsync(1000);
                return;
            default:
                await peer.SendAsync(post);
                _ = await peer.ReadToEndAsync();
                return;
        }
    }

    private enum Step
    {
        Connected,
        InHeader,
        InVariables,
        InBody,
        Sent,
        HalfClosed,
        WaitingForMore,
        InResponse,
        Answered,
    }
}
