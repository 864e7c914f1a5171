using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Http;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Http;

/// <summary>What an app has begun and not waited for when its request ends.</summary>
public class LeftBehindTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_read_left_behind_ends_and_the_rest_of_the_body_is_taken_off(bool isChunked)
    {
        Task<int>? left = null;
        await using var server = new InMemoryServer(async context =>
        {
            await context.Request.Body.ReadExactlyAsync(new byte[5]);
            left = context.Request.Body.ReadAsync(new byte[5]).AsTask();
            await Task.WhenAny(left, Task.Delay(1));
            await context.Response.WriteAsync("done");
        });
        var connection = server.Connect(isChunked ? Packets.Chunked("5\r\nhello\r\n") : [.. Packets.PostHead(10), .. "hello"u8]);
        await Eventually.TrueAsync(() => left is { IsCompleted: true });
        await connection.SendAsync(isChunked ? "5\r\nworld\r\n0\r\n\r\n"u8.ToArray() : "world"u8.ToArray());
        await server.LetTimePassUntilEndOf(connection);
        var received = await connection.ReadToEndAsync();
        Assert.Equal("done", received.Body);
        Assert.False(received.IsReset);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => left!.Within());
        Assert.Equal(["Completed"], server.Ends);
    }

    [PipesTheory(PipesOnly.Drain)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_read_left_behind_does_not_stand_in_the_way_of_an_answer_that_waits_for_the_body(bool isChunked)
    {
        Task<int>? left = null;
        await using var server = new InMemoryServer(async context =>
        {
            left = context.Request.Body.ReadAsync(new byte[5]).AsTask();
            await Task.WhenAny(left, Task.CompletedTask);
            context.Response.ContentLength = 4;
            await context.Response.WriteAsync("done");
        });
        var connection = server.Connect(isChunked ? Packets.Chunked("") : Packets.PostHead(10));
        await Eventually.TrueAsync(() => left is { IsCompleted: true });
        Assert.Empty(connection.Flushes);
        await connection.SendAsync(isChunked ? "A\r\nhelloworld\r\n0\r\n\r\n"u8.ToArray() : "helloworld"u8.ToArray());
        var received = await connection.ReadToEndAsync();
        Assert.Equal("done", received.Body);
        Assert.False(received.IsReset);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => left!.Within());
        await connection.Execution.Within();
        Assert.Equal(["Completed"], server.Ends);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cancellation_meant_for_a_read_of_the_apps_does_not_shorten_the_wait_at_the_end(bool hasLeft)
    {
        await using var server = new InMemoryServer(async context =>
        {
            if (hasLeft)
            {
                await context.Response.WriteAsync("done");
                await Task.Delay(1);
            }
        });
        var connection = server.Connect(Packets.PostHead(10));
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        for (var i = 0; i < 3; i++)
        {
            connection.Transport.Input.CancelPendingRead();
        }

        await Task.WhenAny(connection.Execution, Task.Delay(50));
        Assert.False(connection.Execution.IsCompleted);

        // Without a half-close the body is taken off before the answer.
        Assert.Equal(hasLeft || connection.HasDirectOutput, connection.Flushed > 0);
        await connection.SendAsync(new byte[10]);
        await server.LetTimePassUntilEndOf(connection);
        Assert.False((await connection.ReadToEndAsync()).IsReset);
    }

    [Fact]
    public async Task A_read_of_an_upgraded_connection_left_behind_ends_with_it_in_order()
    {
        Task<int>? left = null;
        Stream? stream = null;
        await using var server = new InMemoryServer(async context =>
        {
            stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
            left = stream.ReadAsync(new byte[5]).AsTask();
            await stream.WriteAsync("bye"u8.ToArray());
        });
        var connection = server.Connect(Packets.Upgrade());
        await server.LetTimePassUntilEndOf(connection);
        var received = await connection.ReadToEndAsync();
        Assert.Equal(101, received.Status);
        Assert.Equal("bye", received.Body);
        Assert.False(received.IsReset);
        Assert.Equal(0, await left!.Within());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await stream!.ReadExactlyAsync(new byte[5]));
        Assert.Equal(["Upgraded"], server.Ends);
    }

    [Fact]
    [Trait("Guards", "a request never sees another one's data")]
    public async Task A_completion_left_behind_is_waited_for_before_the_request_is_used_again()
    {
        var content = new string('c', 10_000);
        var isRead = false;
        bool? wasRead = null;
        object? first = null;
        var inside = new SyncPoint();
        await using var server = new InMemoryServer(async context =>
        {
            if (context.Request.Path != "/slow")
            {
                Assert.NotSame(first, context.Features.Get<IHttpRequestFeature>());
                await context.Response.WriteAsync("the ne");
                await inside.MeetAsync();
                await context.Response.WriteAsync("xt one");
                return;
            }

            first = context.Features.Get<IHttpRequestFeature>();
            context.Response.OnCompleted(() =>
            {
                wasRead = Volatile.Read(ref isRead);
                return Task.CompletedTask;
            });
            await context.Response.WriteAsync(content);
            _ = context.Response.CompleteAsync();
        });
        var slow = server.Connect(Packets.Get("/slow"), maxUnreadOutput: 1000);
        await Eventually.TrueAsync(() => slow.Flushed >= content.Length);
        await Task.WhenAny(slow.Execution, Task.Delay(50));
        var next = server.Connect(Packets.Get("/next"));
        await inside.Reached;
        Volatile.Write(ref isRead, true);
        Assert.Equal(content, (await slow.ReadToEndAsync()).Body);
        await slow.Execution.Within();
        Assert.True(wasRead);
        inside.Continue();
        var received = await next.ReadToEndAsync();
        Assert.Equal("the next one", received.Body);
        Assert.False(received.IsReset);
        await next.Execution.Within();
        Assert.Equal(["Completed", "Completed"], server.Ends);
    }

    [Fact]
    [Trait("Guards", "a request never sees another one's data")]
    public async Task A_start_left_behind_runs_no_callback_of_the_next_request()
    {
        var starting = new SyncPoint();
        var second = new SyncPoint();
        var hasStarted = false;
        Task? left = null;
        RequestContext? used = null;
        await using var server = new InMemoryServer(async context =>
        {
            var request = (RequestContext)context.Features.Get<IHttpRequestFeature>()!;
            if (used is null)
            {
                used = request;
                context.Response.OnStarting(starting.MeetAsync);
                left = context.Response.StartAsync();
                return;
            }

            Assert.Same(used, request);
            context.Response.OnStarting(() =>
            {
                hasStarted = true;
                return Task.CompletedTask;
            });
            await second.MeetAsync();
            Assert.False(hasStarted);
            Assert.False(context.Response.HasStarted);
            await context.Response.WriteAsync("second");
        });
        Assert.Equal(200, (await server.AskAsync(Packets.Get())).Status);
        await starting.Reached;
        var connection = server.Connect(Packets.Get());
        await second.Reached;
        starting.Continue();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => left!.Within());
        second.Continue();
        Assert.Equal("second", (await connection.ReadToEndAsync()).Body);
        Assert.True(hasStarted);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("5\r\nhel")]
    [InlineData("5\r\nhello\r\n0")]
    [InlineData("")]
    public async Task A_body_in_chunks_that_is_cut_and_that_nobody_reads_is_taken_off_as_far_as_it_came(string chunks)
    {
        await using var server = new InMemoryServer(static context => context.Response.WriteAsync("done"));
        var received = await server.AskAndCloseAsync(Packets.Chunked(chunks));
        Assert.Equal("done", received.Body);
        Assert.False(received.IsReset);

        // The same when the end comes while the rest is waited for.
        var connection = server.Connect(Packets.Chunked(chunks));
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        connection.EndInput();
        Assert.Equal("done", (await connection.ReadToEndAsync()).Body);
    }
}
