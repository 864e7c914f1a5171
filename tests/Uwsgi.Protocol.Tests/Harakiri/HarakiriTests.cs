using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Http;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Harakiri;

/// <summary>Requests that take too long, by every protocol.</summary>
public class HarakiriTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Moment = TimeSpan.FromTicks(1);

    public static TheoryData<GatewayProtocol> Protocols => [GatewayProtocol.Uwsgi, GatewayProtocol.Scgi, GatewayProtocol.FastCgi];

    public static TheoryData<GatewayProtocol, bool> ProtocolsAndBlocking => new()
    {
        { GatewayProtocol.Uwsgi, false },
        { GatewayProtocol.Uwsgi, true },
        { GatewayProtocol.Scgi, false },
        { GatewayProtocol.Scgi, true },
        { GatewayProtocol.FastCgi, false },
        { GatewayProtocol.FastCgi, true },
    };

    [Theory]
    [MemberData(nameof(ProtocolsAndBlocking))]
    public async Task A_handler_that_does_not_come_back_is_answered_504_at_the_end_of_the_grace(GatewayProtocol protocol, bool blocks)
    {
        var handler = new StuckHandler(blocks);
        var statusCode = 0;
        await using var server = InMemoryServer.Of(protocol, handler.RunAsync).WatchWith(new HarakiriOptions());
        server.Application.Disposed = (context, _) => statusCode = context.Response.StatusCode;
        var connection = server.Connect(server.Requests.Get("/slow"));
        using var release = await handler.ReachedAsync();
        server.LetTimePass(Deadline - Moment);
        Assert.Equal(0, server.Harakiri.Killed);
        server.LetTimePass(Moment);
        Assert.Equal(1, server.Harakiri.Killed);
        server.LetTimePass(Grace - Moment);
        Assert.Equal(0, server.Harakiri.Stuck);
        Assert.Equal(0, connection.Flushed);
        server.LetTimePass(Moment);
        Assert.Equal(1, server.Harakiri.Stuck);
        var answer = await new KilledPeer(protocol, connection).AnswerAsync();
        Assert.Equal(504, answer.Status);
        Assert.Equal("0", answer["Content-Length"]);
        Assert.Empty(answer.Body);
        Assert.False(connection.Execution.IsCompleted);

        handler.Release();
        await server.LetTimePassUntilEndOf(connection);
        Assert.Equal((0, 1, 1), (server.Harakiri.Stuck, server.Harakiri.StuckTotal, server.Harakiri.Killed));
        Assert.Equal(504, statusCode);
        Assert.Equal("Harakiri", Assert.Single(server.Meters.Of("uwsgi_protocol.aborted_requests"))["error.type"]);
        Assert.Equal(protocol.ToString().ToLowerInvariant(), Assert.Single(server.Meters.Of("uwsgi_protocol.harakiri.kills"))["network.protocol.name"]);
        Assert.Equal([1.0, -1.0], server.Meters.Of("uwsgi_protocol.harakiri.stuck").Select(measured => measured.Value));
        Assert.Single(server.Logs.Of("CameBack"));
    }

    [Theory]
    [MemberData(nameof(ProtocolsAndBlocking))]
    public async Task A_response_on_its_way_ends_so_that_the_front_end_can_see_it(GatewayProtocol protocol, bool blocks)
    {
        var handler = new StuckHandler(blocks);
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            await Task.Yield();
            await context.Response.WriteAsync("half of it");
            await context.Response.Body.FlushAsync();
            await handler.RunAsync(context);
        }).WatchWith(new HarakiriOptions { Grace = TimeSpan.Zero });
        var connection = server.Run(TestTransport.Open("tcp", isTcp: true), server.Requests.Get());
        using var release = await handler.ReachedAsync();

        // A reset takes back what has not been received.
        _ = await connection.ReadAsync(1);
        server.LetTimePass(Deadline);
        Assert.True(connection.IsAborted);
        Assert.False(connection.Execution.IsCompleted);
        handler.Release();
        var received = await connection.ReadToEndAsync();
        Assert.True(received.IsReset);
        await connection.Execution.Within();
        Assert.DoesNotContain("late", received.Text, StringComparison.Ordinal);
        Assert.Equal(["Harakiri"], server.Ends);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_handler_that_stops_when_it_is_told_to_is_answered_504_and_is_not_stuck(GatewayProtocol protocol)
    {
        var statusCode = 0;
        await using var server = InMemoryServer.Of(protocol, async context => await Task.Delay(Timeout.Infinite, context.RequestAborted))
            .WatchWith(new HarakiriOptions());
        server.Application.Disposed = (context, _) => statusCode = context.Response.StatusCode;
        var connection = server.Connect(server.Requests.Get());
        await Eventually.TrueAsync(() => IsWatched(server));
        server.LetTimePass(Deadline);
        var answer = server.Requests.Answer(await connection.ReadToEndAsync());
        Assert.Equal(504, answer.Status);
        Assert.False(answer.IsReset);
        await connection.Execution.Within();
        Assert.Equal((1, 0), (server.Harakiri.Killed, server.Harakiri.StuckTotal));
        Assert.Equal(504, statusCode);
        Assert.Empty(server.Logs.Of("Killed"));
        Assert.Equal(["Completed"], server.Ends);
    }

    [Theory]
    [InlineData(GatewayProtocol.Uwsgi, "nothing", 504)]
    [InlineData(GatewayProtocol.Scgi, "nothing", 504)]
    [InlineData(GatewayProtocol.FastCgi, "nothing", 504)]
    [InlineData(GatewayProtocol.Uwsgi, "499", 504)]
    [InlineData(GatewayProtocol.Uwsgi, "503", 503)]
    [InlineData(GatewayProtocol.Uwsgi, "text", 200)]
    public async Task What_a_handler_answers_within_the_grace_stands_unless_it_is_nothing(GatewayProtocol protocol, string says, int status)
    {
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            await Eventually.TrueAsync(() => context.RequestAborted.IsCancellationRequested);
            switch (says)
            {
                case "text":
                    await context.Response.WriteAsync("in time");
                    break;
                case "nothing":
                    break;
                default:
                    context.Response.StatusCode = int.Parse(says, System.Globalization.CultureInfo.InvariantCulture);
                    break;
            }
        }).WatchWith(new HarakiriOptions());
        var connection = server.Connect(server.Requests.Get());
        await Eventually.TrueAsync(() => IsWatched(server));
        server.LetTimePass(Deadline);
        var answer = server.Requests.Answer(await connection.ReadToEndAsync());
        Assert.Equal(status, answer.Status);
        Assert.Equal(says == "text" ? "in time" : "", answer.Body);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_handler_that_throws_another_thing_within_the_grace_has_failed(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            await Eventually.TrueAsync(() => context.RequestAborted.IsCancellationRequested);
            throw new InvalidOperationException("the app's");
        }).WatchWith(new HarakiriOptions());
        server.Logs.Expect("ApplicationError");
        var connection = server.Connect(server.Requests.Get());
        await Eventually.TrueAsync(() => IsWatched(server));
        server.LetTimePass(Deadline);
        Assert.Equal(500, server.Requests.Answer(await connection.ReadToEndAsync()).Status);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_handler_that_stops_when_told_to_in_the_middle_of_its_response_is_an_end_that_can_be_seen(GatewayProtocol protocol)
    {
        var inside = new SyncPoint();
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            await context.Response.WriteAsync("half of it");
            await inside.MeetAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }).WatchWith(new HarakiriOptions());
        var connection = server.Run(TestTransport.Open("tcp", isTcp: true), server.Requests.Get());

        // Before it has left, a 504 may still take its place.
        _ = await connection.ReadAsync(1);
        inside.Continue();
        server.LetTimePass(Deadline);
        Assert.True((await connection.ReadToEndAsync()).IsReset);
        await connection.Execution.Within();
        Assert.Equal(["Harakiri"], server.Ends);
        Assert.Equal(0, server.Harakiri.StuckTotal);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task Whatever_a_handler_does_when_it_comes_back_reaches_nobody(GatewayProtocol protocol)
    {
        var inside = new SyncPoint();
        var late = new TaskCompletionSource();
        RequestContext? killed = null;
        RequestContext? next = null;
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            if (context.Request.Path == "/next")
            {
                next = (RequestContext)context.Features.Get<IGatewayRequestFeature>()!;
                await context.Response.WriteAsync("next");
                return;
            }

            killed = (RequestContext)context.Features.Get<IGatewayRequestFeature>()!;
            await inside.MeetAsync();
            await Assert.ThrowsAnyAsync<ObjectDisposedException>(async () => await context.Request.Body.ReadExactlyAsync(new byte[1]));
            context.Response.StatusCode = 201;
            context.Response.Headers["X-Late"] = "late";
            var flushed = await context.Response.BodyWriter.WriteAsync("late"u8.ToArray());
            Assert.True(flushed.IsCompleted);
            context.Response.BodyWriter.GetSpan(4)[0] = 1;
            context.Response.BodyWriter.Advance(4);
            await context.Response.Body.WriteAsync("late"u8.ToArray());
            await context.Response.StartAsync();
            await context.Response.CompleteAsync();
            context.Abort();
            context.Features.Get<IHarakiriFeature>()!.Restart(TimeSpan.FromTicks(1));
            late.SetResult();
        }).WatchWith(new HarakiriOptions());
        var connection = server.Connect(server.Requests.PostHead(100));
        await inside.Reached;
        server.LetTimePass(Deadline);
        server.LetTimePass(Grace);
        var peer = new KilledPeer(protocol, connection);
        Assert.Equal(504, (await peer.AnswerAsync()).Status);

        // Beside it, and behind it, on the same object.
        Assert.Equal("next", (await server.AnswerAsync(server.Requests.Get("/next"))).Body);
        Assert.NotSame(killed, next);
        inside.Continue();
        await late.Task.Within();
        await server.LetTimePassUntilEndOf(connection);
        Assert.DoesNotContain("late", (await connection.ReadToEndAsync()).Text, StringComparison.OrdinalIgnoreCase);
        for (var i = 0; i < 3; i++)
        {
            var answer = await server.AnswerAsync(server.Requests.Get("/next"));
            Assert.Equal((200, "next", null), (answer.Status, answer.Body, answer["X-Late"]));
        }

        Assert.Equal(1, server.Harakiri.Killed);
    }

    [Fact]
    public async Task An_upgrade_that_comes_too_late_is_none()
    {
        var inside = new SyncPoint();
        await using var server = new InMemoryServer(async Task (context) =>
        {
            await inside.MeetAsync();
            var stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
            await Assert.ThrowsAsync<IOException>(() => stream.WriteAsync("late"u8.ToArray()).AsTask());
            await Assert.ThrowsAsync<IOException>(async () => _ = await stream.ReadAsync(new byte[1]));
        }).WatchWith(new HarakiriOptions());
        var connection = server.Connect(Packets.Upgrade());
        await inside.Reached;
        server.LetTimePass(Deadline);
        server.LetTimePass(Grace);
        var peer = new KilledPeer(GatewayProtocol.Uwsgi, connection);
        Assert.Equal(504, (await peer.AnswerAsync()).Status);
        inside.Continue();
        await server.LetTimePassUntilEndOf(connection);
        Assert.Empty((await connection.ReadToEndAsync()).Bytes);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_upgraded_request_has_no_deadline_unless_it_is_to_have_one(bool isIncluded)
    {
        var inside = new SyncPoint();
        await using var server = new InMemoryServer(async context =>
        {
            var stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
            await inside.MeetAsync();
            if (!isIncluded)
            {
                await stream.WriteAsync("still there"u8.ToArray());
            }
        }).WatchWith(new HarakiriOptions { IncludeUpgraded = isIncluded });
        var connection = server.Run(TestTransport.Open("tcp", isTcp: true), Packets.Upgrade());
        await inside.Reached;
        server.LetTimePass(Deadline);
        server.LetTimePass(Grace);
        Assert.Equal(isIncluded ? 1 : 0, server.Harakiri.Killed);
        Assert.Equal(isIncluded, connection.IsAborted);
        inside.Continue();
        if (!isIncluded)
        {
            connection.EndInput();
        }

        var received = await connection.ReadToEndAsync();
        Assert.Equal(isIncluded, received.IsReset);
        Assert.Equal(!isIncluded, received.Text.EndsWith("still there", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_response_that_is_still_leaving_is_under_the_deadline(GatewayProtocol protocol)
    {
        var returned = new TaskCompletionSource();
        await using var server = InMemoryServer.Of(protocol, context =>
        {
            context.Response.OnCompleted(() => Task.CompletedTask);
            returned.SetResult();
            return context.Response.Body.WriteAsync(new byte[4 * 1024 * 1024]).AsTask();
        }).WatchWith(new HarakiriOptions());
        var connection = server.Run(TestTransport.Open("slow", maxUnreadOutput: 64 * 1024, isTcp: true), server.Requests.Get());
        await returned.Task.Within();
        await Eventually.TrueAsync(() => connection.IsBehind);
        server.LetTimePass(Deadline);
        Assert.False(connection.IsAborted);
        server.LetTimePass(Grace);
        Assert.True(connection.IsAborted);
        _ = await connection.ReadToEndAsync();
        await connection.Execution.Within();
        Assert.Equal(["Harakiri"], server.Ends);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_response_that_is_complete_stands_and_its_handler_is_stuck_all_the_same(GatewayProtocol protocol)
    {
        var handler = new StuckHandler(blocks: false);
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            context.Response.ContentLength = 5;
            await context.Response.WriteAsync("hello");
            await handler.RunAsync(context);
        }).WatchWith(new HarakiriOptions());
        var connection = server.Connect(server.Requests.Get());
        using var release = await handler.ReachedAsync();
        await Eventually.TrueAsync(() => connection.Flushed > 0);
        server.LetTimePass(Deadline);
        server.LetTimePass(Grace);
        Assert.Equal(1, server.Harakiri.Stuck);
        Assert.False(connection.IsAborted);
        var peer = new KilledPeer(protocol, connection);
        var answer = await peer.AnswerAsync();
        Assert.Equal((200, "hello"), (answer.Status, answer.Body));
        handler.Release();
        await server.LetTimePassUntilEndOf(connection);
        Assert.Equal(["Completed"], server.Ends);
        Assert.Empty(server.Meters.Of("uwsgi_protocol.aborted_requests"));
    }

    [Fact]
    public async Task A_handler_whose_client_has_gone_is_stuck_as_any_other()
    {
        var handler = new StuckHandler(blocks: false);
        await using var server = new InMemoryServer(handler.RunAsync).WatchWith(new HarakiriOptions());
        var connection = server.Connect(Packets.Get());
        using var release = await handler.ReachedAsync();
        connection.Reset();
        server.LetTimePass(Deadline);
        server.LetTimePass(Grace);
        Assert.Equal(1, server.Harakiri.Stuck);
        handler.Release();
        await server.LetTimePassUntilEndOf(connection);
        Assert.Equal(0, server.Harakiri.Stuck);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public async Task A_handler_that_waits_for_a_body_that_does_not_come_is_woken(GatewayProtocol protocol)
    {
        var inside = new SyncPoint();
        Exception? error = null;
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            inside.Continue();
            await inside.MeetAsync();
            error = await Record.ExceptionAsync(async () => await context.Request.Body.ReadExactlyAsync(new byte[10]));
        }).WatchWith(new HarakiriOptions());
        server.Kestrel.Limits.MinRequestBodyDataRate = null;
        var connection = server.Connect([.. server.Requests.PostHead(10)]);
        await inside.Reached;
        server.LetTimePass(Deadline);
        server.LetTimePass(Grace);
        Assert.Equal(504, (await new KilledPeer(protocol, connection).AnswerAsync()).Status);
        await server.LetTimePassUntilEndOf(connection);
        Assert.NotNull(error);
        Assert.Equal(0, server.Harakiri.Stuck);
    }

    [Fact]
    public async Task Without_a_deadline_nothing_ends_a_request()
    {
        var inside = new SyncPoint();
        await using var server = new InMemoryServer(async context =>
        {
            await inside.MeetAsync();
            await context.Response.WriteAsync("late, and nobody minds");
        }).WatchWith(new HarakiriOptions { Timeout = TimeSpan.Zero });
        var connection = server.Connect(Packets.Get());
        await inside.Reached;
        server.LetTimePass(TimeSpan.FromDays(400));
        inside.Continue();
        Assert.Equal("late, and nobody minds", (await connection.ReadToEndAsync()).Body);
    }

    [Fact]
    public async Task The_log_says_what_it_was_in_uwsgis_words_and_nothing_a_client_sends_can_forge_a_line()
    {
        var handler = new StuckHandler(blocks: false);
        await using var server = new InMemoryServer(handler.RunAsync).WatchWith(new HarakiriOptions());
        var connection = server.Connect(Packets.Get("/a?b=c", ("REMOTE_ADDR", "192.0.2.7\nfake")));
        using var release = await handler.ReachedAsync();
        server.LetTimePass(Deadline);
        server.LetTimePass(Grace);
        var entry = Assert.Single(server.Logs.Of("Triggered"));
        Assert.Equal(LogLevel.Warning, entry.Level);
        Assert.StartsWith(
            $"*** HARAKIRI ON WORKER 1 (pid: {Environment.ProcessId}) *** 192.0.2.7%0Afake - GET /a?b=c since 1767323105: 30.0 s old, endpoint \"none\", trace id none, Request id \"C1:00000001\"",
            entry.Message,
            StringComparison.Ordinal);
        Assert.Equal(
            "HARAKIRI: GET /a?b=c was answered 504 after 31.0 s. Stuck handlers: 1. Request id \"C1:00000001\"",
            Assert.Single(server.Logs.Of("Killed")).Message);
        handler.Release();
        await server.LetTimePassUntilEndOf(connection);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Verbose_tells_the_variables_without_the_secrets_and_the_thread(bool blocks)
    {
        var handler = new StuckHandler(blocks);
        await using var server = new InMemoryServer(context =>
        {
            // Nothing of it leaves before it is known that the handler waits.
            _ = context.Response.Body.FlushAsync();
            return handler.RunAsync(context);
        }).WatchWith(new HarakiriOptions { Verbose = true });
        var connection = server.Connect(Packets.Get(
            "/", ("HTTP_COOKIE", "swordfish"), ("HTTP_AUTHORIZATION", "swordfish"), ("HTTP_X_API_KEY", "swordfish"), ("HTTP_ACCEPT", "text/html"), ("GATEWAY_INTERFACE", "a\nforged\u0085line")));
        using var release = await handler.ReachedAsync();
        await Eventually.TrueAsync(() => blocks || connection.Flushed > 0);
        server.LetTimePass(Deadline);
        var lines = Assert.Single(server.Logs.Of("Triggered")).Message.Split('\n');
        Assert.Contains("HARAKIRI: -- var> HTTP_ACCEPT=text/html", lines);
        Assert.Contains("HARAKIRI: -- var> GATEWAY_INTERFACE=a%0Aforged%C2%85line", lines);
        Assert.Contains("HARAKIRI: -- var> HTTP_COOKIE=(secret)", lines);
        Assert.DoesNotContain(lines, line => line.Contains("swordfish", StringComparison.Ordinal));
        var thread = Assert.Single(lines, line => line.StartsWith("HARAKIRI: -- thread> ", StringComparison.Ordinal));
        if (blocks)
        {
            Assert.Contains($"> {handler.ThreadId} ", thread, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains("none that is known", thread, StringComparison.Ordinal);
        }

        server.LetTimePass(Grace);
        handler.Release();
        await server.LetTimePassUntilEndOf(connection);
    }

    [Fact]
    public async Task OnStuck_is_told_and_may_fail()
    {
        var handler = new StuckHandler(blocks: false);
        var told = new TaskCompletionSource<StuckRequest>();
        await using var server = new InMemoryServer(handler.RunAsync).WatchWith(new HarakiriOptions
        {
            OnStuck = request =>
            {
                told.SetResult(request);
                throw new InvalidOperationException("the app's");
            },
        });
        server.Logs.Expect("OnStuckFailed");
        var connection = server.Connect(Packets.Get("/slow?x"));
        using var release = await handler.ReachedAsync();
        server.LetTimePass(Deadline);
        Assert.False(told.Task.IsCompleted);
        server.LetTimePass(Grace);
        Assert.Equal(new StuckRequest("GET", "/slow?x", null, "C1:00000001", Deadline + Grace, 1), await told.Task.Within());
        await Eventually.TrueAsync(() => server.Logs.Of("OnStuckFailed").Any());
        handler.Release();
        await server.LetTimePassUntilEndOf(connection);
    }

    [Fact]
    public async Task A_request_that_has_been_ended_holds_its_place_until_its_handler_comes_back()
    {
        var handler = new StuckHandler(blocks: false);
        await using var server = new InMemoryServer(handler.RunAsync, options => options.Limits.MaxConcurrentRequests = 1).WatchWith(new HarakiriOptions());
        var connection = server.Connect(Packets.Get());
        using var release = await handler.ReachedAsync();
        server.LetTimePass(Deadline);
        server.LetTimePass(Grace);
        Assert.Equal(503, (await server.AskAndCloseAsync(Packets.Get())).Status);
        handler.Release();
        await server.LetTimePassUntilEndOf(connection);
    }

    private static bool IsWatched(InMemoryServer server) => server.Harakiri.Watched > 0;
}
