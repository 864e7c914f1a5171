using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Uwsgi.Protocol.Tests.Http;

/// <summary>The order in which things happen around a request, and what becomes of exceptions.</summary>
public class LifecycleTests
{
    [Fact]
    public async Task Callbacks_run_last_in_first_out_and_completed_ones_after_the_response()
    {
        var order = new List<string>();
        TestConnection? connection = null;
        await using var server = new InMemoryServer(context =>
        {
            context.Response.OnStarting(() => Note("starting 1"));
            context.Response.OnStarting(() => Note("starting 2"));
            context.Response.OnCompleted(() => Note($"completed 1, {connection!.Flushes.Count} flush"));
            context.Response.OnCompleted(() => Note("completed 2"));
            order.Add("app");
            return context.Response.WriteAsync("x");
        });
        server.Application.Disposed = (_, _) => order.Add("disposed");
        connection = TestTransport.Open("C");
        server.Run(connection, Packets.Get());
        _ = await connection.ReadToEndAsync();
        await connection.Execution.Within();
        Assert.Equal(["app", "starting 2", "starting 1", "completed 2", "completed 1, 1 flush", "disposed"], order);

        Task Note(string what)
        {
            order.Add(what);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_starting_callback_may_change_the_head_and_runs_without_a_body_too()
    {
        await using var server = new InMemoryServer(context =>
        {
            context.Response.OnStarting(() =>
            {
                context.Response.StatusCode = 404;
                context.Response.Headers["X-Late"] = "yes";
                return Task.CompletedTask;
            });
            return Task.CompletedTask;
        });
        var received = await server.AskAsync(Packets.Get());
        Assert.Equal(404, received.Status);
        Assert.Equal("yes", received["X-Late"]);
    }

    [Fact]
    public async Task An_exception_before_the_head_is_500_and_nothing_of_the_apps_response()
    {
        Exception? seen = null;
        await using var server = new InMemoryServer(async context =>
        {
            context.Response.StatusCode = 201;
            context.Response.Headers["X-Mine"] = "gone";
            await context.Response.WriteAsync("gone too");
            throw new InvalidOperationException("the app's");
        });
        server.Application.Disposed = (_, exception) => seen = exception;
        server.Logs.Expect("ApplicationError");
        var received = await server.AskAsync(Packets.Get());
        Assert.Equal("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nDate: Fri, 02 Jan 2026 03:05:05 GMT\r\n\r\n", received.Text);
        Assert.False(received.IsReset);
        Assert.Equal("the app's", seen?.Message);
        var error = Assert.Single(server.Logs.Of("ApplicationError"));
        Assert.Equal(LogLevel.Error, error.Level);
        Assert.Equal("Uwsgi.Protocol.Connections", error.Category);
        Assert.Same(seen, error.Exception);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(100)]
    public async Task An_exception_after_the_head_is_a_reset(int? length)
    {
        var inside = new SyncPoint();
        await using var server = new InMemoryServer(async context =>
        {
            context.Response.ContentLength = length;
            await context.Response.WriteAsync("half");
            await inside.MeetAsync();
            throw new InvalidOperationException("the app's");
        });
        server.Logs.Expect("ApplicationError");
        var connection = server.Connect(Packets.Get());
        _ = await connection.ReadAsync(1);
        inside.Continue();
        Assert.True((await connection.ReadToEndAsync()).IsReset);
        await connection.Execution.Within();
        Assert.Equal(["AppFailed"], server.Ends);
        Assert.Equal("AppFailed", Assert.Single(server.Meters.Of("uwsgi_protocol.aborted_requests"))["error.type"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_exception_in_a_starting_callback_is_500(bool isWritten)
    {
        await using var server = new InMemoryServer(async context =>
        {
            context.Response.OnStarting(() => throw new InvalidOperationException("the callback's"));
            if (isWritten)
            {
                await context.Response.WriteAsync("hello");
            }
        });
        server.Logs.Expect("ApplicationError");
        var received = await server.AskAsync(Packets.Get());
        Assert.Equal(500, received.Status);
        Assert.Equal("", received.Body);
    }

    [Fact]
    public async Task An_exception_in_a_completed_callback_is_logged_and_the_others_run()
    {
        var ran = false;
        await using var server = new InMemoryServer(context =>
        {
            context.Response.OnCompleted(() =>
            {
                ran = true;
                return Task.CompletedTask;
            });
            context.Response.OnCompleted(() => throw new InvalidOperationException("the callback's"));
            return context.Response.WriteAsync("hello");
        });
        server.Logs.Expect("ApplicationError");
        Assert.Equal("hello", (await server.AskAsync(Packets.Get())).Body);
        Assert.True(ran);
        Assert.Single(server.Logs.Of("ApplicationError"));
    }

    [Fact]
    public async Task A_bad_request_exception_of_the_app_is_its_status_and_no_error()
    {
        IBadRequestExceptionFeature? feature = null;
        await using var server = new InMemoryServer(_ => throw new BadHttpRequestException("no", StatusCodes.Status422UnprocessableEntity));
        server.Application.Disposed = (context, _) => feature = context.Features.Get<IBadRequestExceptionFeature>();
        Assert.Equal(422, (await server.AskAsync(Packets.Get())).Status);
        Assert.IsType<BadHttpRequestException>(feature?.Error);
        Assert.Single(server.Logs.Of("BadRequest"));
    }

    [Fact]
    public async Task What_an_app_leaves_in_the_execution_context_does_not_reach_the_next_request()
    {
        var local = new AsyncLocal<string?>();
        await using var server = new InMemoryServer(async context =>
        {
            var seen = local.Value;
            local.Value = "left";
            await context.Response.WriteAsync(seen ?? "nothing");
        });
        Assert.Equal("nothing", (await server.AskAsync(Packets.Get())).Body);
        Assert.Equal("nothing", (await server.AskAsync(Packets.Get())).Body);
    }

    [Fact]
    public async Task A_failure_that_the_server_did_not_expect_is_an_error_and_a_reset()
    {
        await using var server = new InMemoryServer(static _ => Task.CompletedTask);
        server.Application.Disposed = (_, _) => throw new NotSupportedException("hosting's");
        server.Logs.Expect("UnexpectedError");
        _ = await server.AskAsync(Packets.Get());
        Assert.Single(server.Logs.Of("UnexpectedError"));
    }
}
