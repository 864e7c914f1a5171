using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Connections;

/// <summary>Who ends a request early, and who is told.</summary>
public class AbortTests
{

    [Fact]
    public async Task A_token_asked_for_after_the_peer_has_gone_is_cancelled()
    {
        var inside = new SyncPoint();
        await using var server = new InMemoryServer(async context =>
        {
            await inside.MeetAsync();
            await Eventually.TrueAsync(() => context.RequestAborted.IsCancellationRequested);
        });
        var connection = server.Connect(Packets.Get());
        await inside.Reached;
        connection.EndInput();
        inside.Continue();
        await connection.Execution.Within();
    }

    [Fact]
    public async Task Abort_resets_the_connection_and_fires_the_token()
    {
        var fired = new TaskCompletionSource();
        await using var server = new InMemoryServer(async context =>
        {
            using var registration = context.RequestAborted.Register(fired.SetResult);
            context.Abort();
            await fired.Task.Within();
            await context.Response.WriteAsync("for nobody");
        });
        var connection = server.Connect(Packets.Get());
        var received = await connection.ReadToEndAsync();
        Assert.Empty(received.Bytes);
        Assert.True(received.IsReset);
        await connection.Execution.Within();
        Assert.Equal("AppAborted", Assert.Single(server.Meters.Of("uwsgi_protocol.aborted_requests"))["error.type"]);
    }

    [Fact]
    public async Task Abort_in_the_middle_of_a_response_is_seen_by_the_peer()
    {
        var inside = new SyncPoint();
        await using var server = new InMemoryServer(async context =>
        {
            await context.Response.WriteAsync("half of it");
            await inside.MeetAsync();
            context.Abort();
        });
        var connection = server.Connect(Packets.Get());
        await inside.Reached;
        _ = await connection.ReadAsync(1);
        inside.Continue();
        Assert.True((await connection.ReadToEndAsync()).IsReset);
    }

    [Fact]
    public async Task The_token_is_never_cancelled_after_the_request()
    {
        CancellationToken token = default;
        CancellationToken late = default;
        await using var server = new InMemoryServer(context =>
        {
            token = context.RequestAborted;
            context.Response.OnCompleted(() =>
            {
                late = context.RequestAborted;
                return Task.CompletedTask;
            });
            return context.Response.WriteAsync("done");
        });
        var connection = server.Connect(Packets.Get());
        Assert.Equal("done", (await connection.ReadToEndAsync()).Body);
        await connection.Execution.Within();
        connection.Reset();
        _ = await server.AskAsync(Packets.Get());
        Assert.False(token.IsCancellationRequested);
        Assert.False(late.IsCancellationRequested);
    }

    [Fact]
    public async Task A_token_first_asked_for_after_the_response_is_never_cancelled()
    {
        CancellationToken late = default;
        await using var server = new InMemoryServer(context =>
        {
            context.Response.OnCompleted(() =>
            {
                late = context.RequestAborted;
                return Task.CompletedTask;
            });
            return Task.CompletedTask;
        });
        var connection = server.Connect(Packets.Get());
        _ = await connection.ReadToEndAsync();
        await connection.Execution.Within();
        connection.Reset();
        _ = await server.AskAsync(Packets.Get());
        Assert.False(late.IsCancellationRequested);
    }

    [PipesTheory(PipesOnly.Failure)]
    [InlineData(false, 0)]
    [InlineData(false, 3)]
    [InlineData(true, 0)]
    [InlineData(true, 3)]
    public async Task A_transport_that_fails_is_the_peer_that_is_gone_and_the_request_is_ended_in_all_forms(bool waits, int writes)
    {
        var inside = new SyncPoint();
        var completed = 0;
        var disposed = 0;
        await using var server = new InMemoryServer(async context =>
        {
            context.Response.OnCompleted(() =>
            {
                completed++;
                return Task.CompletedTask;
            });
            if (waits)
            {
                await inside.MeetAsync();
            }
            else
            {
                _ = inside.MeetAsync();
                SpinWait.SpinUntil(() => context.RequestAborted.IsCancellationRequested, TimeSpan.FromSeconds(20));
            }

            for (var i = 0; i < writes; i++)
            {
                await context.Response.WriteAsync("more");
            }
        });
        server.Application.Disposed = (_, _) => disposed++;
        var connection = server.Connect(Packets.Get());
        await inside.Reached;
        var error = new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.TimedOut);
        connection.Fail(new IOException("The transport failed.", error), error);
        inside.Continue();
        await connection.Execution.Within();
        Assert.Equal(["PeerGone"], server.Ends);
        Assert.Equal((1, 1), (completed, disposed));
    }

    [PipesTheory(PipesOnly.Failure)]
    [InlineData(0)]
    [InlineData(20)]
    [InlineData(240)]
    public async Task A_transport_that_fails_while_a_request_comes_is_the_peer_that_is_gone(int length)
    {
        await using var server = new InMemoryServer(async context => await context.Request.Body.CopyToAsync(context.Response.Body));
        var request = Packets.PostHead(100);
        var connection = server.Connect(length > request.Length ? request : request[..Math.Min(length, request.Length)]);
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        var error = new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.TimedOut);
        connection.Fail(new IOException("The transport failed.", error), error);
        await connection.Execution.Within();
        Assert.Single(server.Ends);
        Assert.DoesNotContain(server.Logs.Entries, entry => entry.Level > LogLevel.Debug);
    }

    [Fact]
    public async Task Hosting_is_told_499_when_nobody_got_an_answer()
    {
        var inside = new SyncPoint();
        var status = 0;
        await using var server = new InMemoryServer(async context =>
        {
            await inside.MeetAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
        });
        server.Application.Disposed = (context, _) => status = context.Response.StatusCode;
        var connection = server.Connect(Packets.Get());
        await inside.Reached;
        connection.Reset();
        inside.Continue();
        await connection.Execution.Within();
        Assert.Equal(499, status);
    }

    [Fact]
    public async Task A_middleware_may_put_a_token_of_its_own_in_its_place()
    {
        using var source = new CancellationTokenSource();
        await using var server = new InMemoryServer(context =>
        {
            context.Features.Get<IHttpRequestLifetimeFeature>()!.RequestAborted = source.Token;
            return context.Response.WriteAsync($"{context.RequestAborted == source.Token}");
        });
        Assert.Equal("True", (await server.AskAsync(Packets.Get())).Body);
    }

    [Fact]
    public async Task An_exception_in_a_callback_of_the_token_harms_nobody()
    {
        var fired = new TaskCompletionSource();
        var inside = new SyncPoint();
        await using var server = new InMemoryServer(async context =>
        {
            context.RequestAborted.Register(() =>
            {
                fired.SetResult();
                throw new InvalidOperationException("the app's callback");
            });
            await inside.MeetAsync();
        });
        var connection = server.Connect(Packets.Get());
        await inside.Reached;
        connection.EndInput();
        await fired.Task.Within();
        inside.Continue();
        await connection.Execution.Within();
    }

    private static void Leave(TestConnection connection, bool byReset)
    {
        if (byReset)
        {
            connection.Reset();
        }
        else
        {
            connection.EndInput();
        }
    }
}
