using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Hosting;
using Uwsgi.Protocol.Tests.InMemory;
using Xunit.Abstractions;

namespace Uwsgi.Protocol.Tests.Transport;

/// <summary>What a request's thread or its sender does, no other request feels.</summary>
[Collection(nameof(OneAtATime))]
public class BlockingHandlerTests(ITestOutputHelper output)
{
    [Theory]
    [Trait("Guards", "a handler that blocks its thread")]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task A_thousand_requests_are_answered_while_thirty_two_handlers_block_their_threads(string transport)
    {
        using var release = new ManualResetEventSlim();
        using var blocked = new CountdownEvent(32);
        await using var app = await SocketEndTests.StartAsync(transport, context =>
        {
            if (context.Request.Path == "/block")
            {
                blocked.Signal();
                release.Wait();
            }

            return context.Response.WriteAsync("hello");
        });
        var endPoint = app.EndPoint;
        var blocking = Enumerable.Range(0, 32).Select(_ => SocketPeer.AskAsync(endPoint, Packets.Get("/block"))).ToArray();

        // From the first moment on, the crowd of them still on its way in.
        var times = new ConcurrentBag<TimeSpan>();
        await Parallel.ForAsync(0, 1000, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, _) =>
        {
            var watch = Stopwatch.StartNew();
            Assert.Equal("hello", (await SocketPeer.AskAsync(endPoint, Packets.Get())).Body);
            times.Add(watch.Elapsed);
        });
        Assert.All(blocking, answer => Assert.False(answer.IsCompleted));
        Report(times);
        await Eventually.TrueAsync(() => blocked.IsSet);
        release.Set();
        Assert.All(await Task.WhenAll(blocking), answer => Assert.Equal("hello", answer.Body));
    }

    [Theory]
    [Trait("Guards", "slow senders")]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task Five_thousand_that_send_a_byte_at_a_time_delay_nobody(string transport)
    {
        await using var app = await SocketEndTests.StartAsync(transport, static context => context.Response.WriteAsync("hello"));
        var endPoint = app.EndPoint;
        var request = Packets.Get();
        var slow = new List<SocketPeer>();
        try
        {
            for (var i = 0; i < 5000; i++)
            {
                slow.Add(await SocketPeer.ConnectAsync(endPoint));
            }

            var times = new ConcurrentBag<TimeSpan>();
            for (var sent = 0; sent < 8; sent++)
            {
                var sending = Task.Run(() => slow.ForEach(peer => peer.Socket.Send(request.AsSpan(sent, 1))));
                do
                {
                    var watch = Stopwatch.StartNew();
                    Assert.Equal("hello", (await SocketPeer.AskAsync(endPoint, request)).Body);
                    times.Add(watch.Elapsed);
                }
                while (!sending.IsCompleted || times.Count < 50 * (sent + 1));
                await sending.Within();
            }

            Report(times);

            // They have not been forgotten.
            foreach (var peer in slow.Where((_, i) => i % 50 == 0))
            {
                await peer.SendAsync(request.AsMemory(8));
                Assert.Equal("hello", (await peer.ReadToEndAsync()).Body);
            }
        }
        finally
        {
            slow.ForEach(peer => peer.Dispose());
        }
    }

    [Theory]
    [Trait("Guards", "no request is run twice")]
    [InlineData("tcp")]
    [InlineData("unix")]
    public async Task Every_request_is_run_once_and_answered_by_itself(string transport)
    {
        const int Count = 6000;
        var runs = new int[Count];
        await using var app = await SocketEndTests.StartAsync(transport, async context =>
        {
            var number = int.Parse(context.Request.Path.Value!.AsSpan(1), CultureInfo.InvariantCulture);
            Interlocked.Increment(ref runs[number]);
            switch (number % 7)
            {
                case 1:
                    await Task.Yield();
                    break;
                case 2:
                    Thread.Sleep(number % 20);
                    break;
                case 3:
                    await Task.Delay(number % 10);
                    break;
                case 4:
                    Thread.SpinWait(10_000);
                    break;
                case 5:
                    await context.Response.Body.FlushAsync();
                    await Task.Yield();
                    Thread.Sleep(1);
                    break;
            }

            await context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{number} of {Count}"));
        });
        var endPoint = app.EndPoint;
        await Parallel.ForAsync(0, Count, new ParallelOptions { MaxDegreeOfParallelism = 48 }, async (i, _) =>
        {
            var answer = await SocketPeer.AskAsync(endPoint, Packets.Get(string.Create(CultureInfo.InvariantCulture, $"/{i}")));
            Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{i} of {Count}"), answer.Body);
        });
        Assert.All(runs, run => Assert.Equal(1, run));
    }

    [Fact]
    public async Task A_request_that_waits_for_a_later_one_is_answered()
    {
        // Each on the thread that took it: the second is not behind the first.
        using var second = new ManualResetEventSlim();
        await using var app = await SocketEndTests.StartAsync("tcp", context =>
        {
            if (context.Request.Path == "/second")
            {
                second.Set();
            }
            else
            {
                second.Wait();
            }

            return context.Response.WriteAsync("hello");
        });
        for (var i = 0; i < 100; i++)
        {
            second.Reset();
            var first = SocketPeer.AskAsync(app.EndPoint, Packets.Get("/first"));
            Assert.Equal("hello", (await SocketPeer.AskAsync(app.EndPoint, Packets.Get("/second"))).Body);
            Assert.Equal("hello", (await first).Body);
        }
    }

    private void Report(IReadOnlyCollection<TimeSpan> times)
    {
        var sorted = times.Order().ToArray();
        output.WriteLine($"{sorted.Length} requests: median {sorted[sorted.Length / 2].TotalMilliseconds:0.0} ms, p99 {sorted[sorted.Length * 99 / 100].TotalMilliseconds:0.0} ms, longest {sorted[^1].TotalMilliseconds:0.0} ms");
    }
}
