using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Connections;

/// <summary>Nothing waits for ever. Time is the test's own.</summary>
public class TimeoutTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    [Theory]
    [InlineData(GatewayProtocol.Uwsgi)]
    [InlineData(GatewayProtocol.Scgi)]
    public async Task A_connection_without_a_request_is_closed_after_the_idle_timeout_and_not_before(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, static _ => Task.CompletedTask, options => options.Limits.IdleTimeout = TimeSpan.FromSeconds(60));
        var patient = server.Connect();
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        server.Time.Advance(TimeSpan.FromSeconds(60) - Tick);
        await patient.SendAsync(server.Requests.Get());
        Assert.Equal(200, (await patient.ReadToEndAsync()).Status);

        var late = server.Connect();
        await server.LetTimePassUntilEndOf(late);
        var received = await late.ReadToEndAsync();
        Assert.Empty(received.Bytes);
        Assert.True(received.IsReset);
        Assert.Equal(["Completed", "IdleTimeout"], server.Ends);
        Assert.Contains("Limits.IdleTimeout", Assert.Single(server.Logs.Of("TimedOut")).Message, StringComparison.Ordinal);
        Assert.Equal("IdleTimeout", Assert.Single(server.Meters.Of("uwsgi_protocol.rejected_requests"))["error.type"]);
    }

    [Theory]
    [InlineData(GatewayProtocol.Uwsgi)]
    [InlineData(GatewayProtocol.Scgi)]
    [Trait("Guards", "slow peers")]
    public async Task A_head_that_drips_in_is_cut_off_at_its_timeout(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, static _ => Task.CompletedTask, options => options.Limits.RequestHeadTimeout = TimeSpan.FromSeconds(10));
        var request = server.Requests.Get();
        var connection = server.Connect(request[..1]);
        await Eventually.TrueAsync(() => server.Time.HasTimers);

        // A byte a second: each keeps nothing alive.
        for (var i = 1; i < 10; i++)
        {
            await connection.SendAsync(request.AsMemory(i, 1));
            server.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.False(connection.IsAborted);
        server.Time.Advance(TimeSpan.FromSeconds(1) + Tick);
        Assert.True((await connection.ReadToEndAsync()).IsReset);
        await connection.Execution.Within();
        Assert.Equal(["RequestHeadTimeout"], server.Ends);
    }

    [Fact]
    public async Task A_head_in_time_is_served()
    {
        await using var server = NewServer(options => options.Limits.RequestHeadTimeout = TimeSpan.FromSeconds(10));
        var request = Packets.Get();
        var connection = server.Connect(request[..1]);
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        server.Time.Advance(TimeSpan.FromSeconds(10) - Tick);
        await connection.SendAsync(request.AsMemory(1));
        Assert.Equal(200, (await connection.ReadToEndAsync()).Status);
    }

    [PipesFact(PipesOnly.Drain)]
    public async Task A_time_without_end_never_ends()
    {
        await using var server = NewServer(options =>
        {
            options.Limits.IdleTimeout = TimeSpan.MaxValue;
            options.Limits.RequestHeadTimeout = Timeout.InfiniteTimeSpan;
            options.Limits.RequestBodyDrainTimeout = TimeSpan.MaxValue;
            options.Limits.LingerTime = Timeout.InfiniteTimeSpan;
            options.Limits.LingerTimeout = TimeSpan.MaxValue;
        });
        server.Time.Advance(TimeSpan.FromDays(1));
        var request = Packets.PostHead(1);
        var connection = server.Connect();
        await LetADayPassAsync();
        await connection.SendAsync(request.AsMemory(0, 1));
        await LetADayPassAsync();
        await connection.SendAsync(request.AsMemory(1));
        await LetADayPassAsync();
        Assert.Empty(connection.Flushes);
        await connection.SendAsync(new byte[1]);
        Assert.Equal(200, (await connection.ReadToEndAsync()).Status);

        async Task LetADayPassAsync()
        {
            // A tick with a deadline behind it would have been seen by the end of the next.
            await Eventually.TrueAsync(() => server.Time.HasTimers);
            server.Time.Advance(TimeSpan.FromDays(1));
            await Task.Delay(20);
            server.Time.Advance(TimeSpan.FromDays(1));
            await Task.Delay(20);
            Assert.False(connection.Execution.IsCompleted);
        }
    }

    [Fact]
    [Trait("Guards", "slow peers")]
    public async Task A_body_that_comes_too_slowly_is_408()
    {
        await using var server = new InMemoryServer(ReadBodyAsync);
        var connection = server.Connect([.. Packets.PostHead(1_000_000), .. new byte[100]]);
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        await server.LetTimePassUntilEndOf(connection);
        var received = await connection.ReadToEndAsync();
        Assert.Equal(408, received.Status);
        Assert.Single(server.Logs.Of("BadRequest"));
    }

    [Fact]
    public async Task A_body_that_comes_fast_enough_is_waited_for()
    {
        var counted = new CountingReader();
        await using var server = new InMemoryServer(counted.ReadAsync);
        var connection = server.Connect(Packets.PostHead(20_000));
        for (var second = 1; second <= 20; second++)
        {
            await connection.SendAsync(new byte[1000]);
            await Eventually.TrueAsync(() => counted.Count == second * 1000);
            if (second < 20)
            {
                await Eventually.TrueAsync(() => counted.IsWaiting);
                server.Time.Advance(TimeSpan.FromSeconds(1));
            }
        }

        Assert.Equal(200, (await connection.ReadToEndAsync()).Status);
    }

    [Fact]
    public async Task A_request_may_lift_the_rate_for_itself()
    {
        var counted = new CountingReader();
        await using var server = new InMemoryServer(context =>
        {
            var rate = context.Features.Get<IHttpMinRequestBodyDataRateFeature>()!;
            Assert.Equal(240, rate.MinDataRate!.BytesPerSecond);
            rate.MinDataRate = null;
            return counted.ReadAsync(context);
        });
        var connection = server.Connect(Packets.PostHead(2));
        await Eventually.TrueAsync(() => counted.IsWaiting);
        server.Time.Advance(TimeSpan.FromHours(1));
        await connection.SendAsync("ab"u8.ToArray());
        Assert.Equal(200, (await connection.ReadToEndAsync()).Status);
    }

    [Fact]
    public async Task The_rate_is_what_the_limits_say_before_what_kestrel_says()
    {
        await using var server = new InMemoryServer(
            context => context.Response.WriteAsync(
                $"{context.Features.Get<IHttpMinRequestBodyDataRateFeature>()!.MinDataRate?.BytesPerSecond}"),
            options => options.Limits.MinRequestBodyDataRate = new MinDataRate(1000, TimeSpan.FromSeconds(9)));
        Assert.Equal("1000", (await server.AskAsync(Packets.Post("x"))).Body);
    }

    [PipesFact(PipesOnly.Drain)]
    public async Task A_body_that_nobody_reads_is_waited_for_no_longer_than_the_drain_timeout_and_then_the_answer_leaves()
    {
        await using var server = NewServer(options => options.Limits.RequestBodyDrainTimeout = TimeSpan.FromSeconds(3));
        var connection = server.Connect(Packets.PostHead(100));
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        server.Time.Advance(TimeSpan.FromSeconds(3) - Tick);
        Assert.Empty(connection.Flushes);
        await server.LetTimePassUntilEndOf(connection);
        var received = await connection.ReadToEndAsync();
        Assert.Equal(200, received.Status);
        Assert.False(received.IsReset);
    }

    [PipesFact(PipesOnly.Drain)]
    public async Task A_body_that_nobody_reads_is_taken_off_before_the_answer_leaves()
    {
        await using var server = NewServer();
        var connection = server.Connect(Packets.PostHead(10));
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        Assert.Empty(connection.Flushes);
        await connection.SendAsync(new byte[10]);

        // No time has passed: the answer leaves as soon as the body is in.
        Assert.Equal(200, (await connection.ReadToEndAsync()).Status);
        Assert.Equal(["Completed"], server.Ends);
    }

    [Fact]
    public async Task A_stop_ends_a_connection_without_a_request_at_once()
    {
        await using var server = NewServer();
        var connection = server.Connect();
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        connection.RequestClose();
        Assert.Empty((await connection.ReadToEndAsync()).Bytes);
        Assert.Equal(["Stopping"], server.Ends);
        Assert.DoesNotContain(connection.Tags, tag => tag.Key == "error.type");
    }

    [Fact]
    public async Task A_stop_lets_a_head_that_has_begun_arrive()
    {
        await using var server = NewServer();
        var request = Packets.Get();
        var connection = server.Connect(request[..1]);
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        connection.RequestClose();
        await connection.SendAsync(request.AsMemory(1));
        Assert.Equal(200, (await connection.ReadToEndAsync()).Status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    public async Task A_stop_that_comes_in_the_same_moment_as_a_part_of_a_head_lets_the_rest_arrive(int length)
    {
        await using var server = NewServer();
        var request = Packets.Get();
        var connection = TestTransport.Open("stopped");
        await connection.SendAsync(request.AsMemory(0, length));

        // As the stop of a wait does that had not yet been told of the bytes.
        connection.Transport.Input.CancelPendingRead();
        _ = server.Run(connection, []);
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        connection.RequestClose();
        await connection.SendAsync(request.AsMemory(length));
        Assert.Equal(200, (await connection.ReadToEndAsync()).Status);
        await connection.Execution.Within();
        Assert.Equal(["Completed"], server.Ends);
    }

    [Fact]
    public async Task A_stop_does_not_reach_the_body_of_a_request_that_has_come()
    {
        var inside = new SyncPoint();
        await using var server = new InMemoryServer(async context =>
        {
            await inside.MeetAsync();
            await context.Response.WriteAsync(await new StreamReader(context.Request.Body, Encoding.Latin1).ReadToEndAsync());
        });
        var request = Packets.Post("the body");
        var connection = server.Connect(request[..10]);
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        connection.RequestClose();
        await connection.SendAsync(request.AsMemory(10, request.Length - 14));
        await inside.Reached;
        connection.Transport.Input.CancelPendingRead();
        inside.Continue();
        await connection.SendAsync(request.AsMemory(request.Length - 4));
        Assert.Equal("the body", (await connection.ReadToEndAsync()).Body);
    }

    [Fact]
    [Trait("Guards", "slow peers")]
    public async Task A_body_that_came_too_slowly_is_so_at_every_read()
    {
        var calls = 0;
        await using var server = new InMemoryServer(async context =>
        {
            for (; calls < 3; calls++)
            {
                var error = await Assert.ThrowsAsync<Microsoft.AspNetCore.Http.BadHttpRequestException>(() => ReadBodyAsync(context));
                Assert.Equal(408, error.StatusCode);
            }

            await context.Response.WriteAsync("too slow");
        });
        var connection = server.Connect([.. Packets.PostHead(1_000_000), .. new byte[100]]);
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        await server.LetTimePassUntilEndOf(connection);
        Assert.Equal("too slow", (await connection.ReadToEndAsync()).Body);
    }

    [Fact]
    public async Task An_idle_server_keeps_no_timer()
    {
        await using var server = NewServer();
        var connection = server.Connect();
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        await connection.SendAsync(Packets.Get());
        _ = await connection.ReadToEndAsync();
        await connection.Execution.Within();
        server.Time.Advance(Tick);
        Assert.False(server.Time.HasTimers);
    }

    private static InMemoryServer NewServer(Action<UwsgiProtocolOptions>? configure = null) =>
        new(static _ => Task.CompletedTask, configure);

    private static async Task ReadBodyAsync(HttpContext context) =>
        _ = await new StreamReader(context.Request.Body, Encoding.Latin1).ReadToEndAsync();

    /// <summary>An app that reads a body piece by piece, and says how far it is.</summary>
    private sealed class CountingReader
    {
        private int _count;
        private volatile bool _isWaiting;

        public int Count => Volatile.Read(ref _count);

        public bool IsWaiting => _isWaiting;

        public async Task ReadAsync(HttpContext context)
        {
            var buffer = new byte[1000];
            while (true)
            {
                var pending = context.Request.Body.ReadAsync(buffer);
                _isWaiting = !pending.IsCompleted;
                var count = await pending;
                _isWaiting = false;
                if (count == 0)
                {
                    return;
                }

                Interlocked.Add(ref _count, count);
            }
        }
    }
}
