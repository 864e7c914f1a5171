using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Connections;

/// <summary>What happens behind the last byte of a response, and at it.</summary>
public class CompleteResponseTests
{

    [Fact]
    public async Task RequestAborted_fires_when_the_peer_goes_before_the_last_byte()
    {
        var inside = new SyncPoint();
        await using var server = new InMemoryServer(async context =>
        {
            var token = context.RequestAborted;
            context.Response.ContentLength = 5;
            await context.Response.WriteAsync("hell");
            await inside.MeetAsync();
            await Eventually.TrueAsync(() => token.IsCancellationRequested);
            token.ThrowIfCancellationRequested();
        });
        var connection = server.Connect(Packets.Get());
        await inside.Reached;
        connection.EndInput();
        inside.Continue();
        await connection.Execution.Within();
        Assert.Equal(["PeerGone"], server.Ends);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task An_exception_behind_a_whole_response_is_logged_and_the_response_stands(bool byCompleteAsync, bool isBadRequest)
    {
        Exception? seen = null;
        var inside = new SyncPoint();
        var error = isBadRequest ? new BadHttpRequestException("the peer's") : (Exception)new InvalidOperationException("the app's");
        await using var server = new InMemoryServer(async context =>
        {
            await RespondAsync(context, byCompleteAsync);
            await inside.MeetAsync();
            throw error;
        });
        server.Application.Disposed = (_, exception) => seen = exception;
        server.Logs.Expect("ApplicationError");
        var connection = server.Connect(Packets.Get());
        await inside.Reached;
        await Eventually.TrueAsync(() => connection.Flushed > 0);
        inside.Continue();
        var received = await connection.ReadToEndAsync();
        await connection.Execution.Within();
        Assert.Equal(200, received.Status);
        Assert.Equal("hello", received.Body);
        Assert.False(received.IsReset);
        Assert.Same(error, seen);
        Assert.Single(server.Logs.Of(isBadRequest ? "BadRequest" : "ApplicationError"));
        Assert.Equal(["Completed"], server.Ends);
        Assert.Empty(server.Meters.Of("uwsgi_protocol.aborted_requests"));
    }

    [Theory]
    [InlineData("reset", false)]
    [InlineData("reset", true)]
    [InlineData("unsupported", false)]
    [InlineData("unsupported", true)]
    [InlineData("invalid", false)]
    [InlineData("invalid", true)]
    public async Task Whatever_the_last_flush_throws_the_callbacks_run_and_the_apps_services_are_disposed_of(string failure, bool isLate)
    {
        var (completed, disposed) = (0, 0);
        await using var server = new InMemoryServer(
            context =>
            {
                context.Response.OnCompleted(() =>
                {
                    completed++;
                    return Task.CompletedTask;
                });
                return context.Response.WriteAsync("hello");
            },
            options => options.Limits.MaxConcurrentRequests = 1);
        server.Application.Disposed = (_, _) => disposed++;
        server.Logs.Expect("UnexpectedError");
        server.Logs.Expect("ApplicationError");
        for (var i = 1; i <= 2; i++)
        {
            var connection = TestTransport.Open($"broken {i}");
            Exception error = failure switch
            {
                "reset" => new ConnectionResetException("the transport's"),
                "unsupported" => new NotSupportedException("the transport's"),
                _ => new InvalidOperationException("the transport's"),
            };
            connection.Transport = new PipePair(
                connection.Transport.Input, new BrokenPipeWriter(connection.Transport.Output, error, isLate));
            _ = server.Run(connection, Packets.Get());
            await connection.Execution.Within();
            Assert.Equal((i, i), (completed, disposed));
            Assert.True(connection.IsAborted);
        }

        // Whatever it was: it left nothing behind.
        Assert.Equal("hello", (await server.AskAsync(Packets.Get())).Body);
    }

    internal static async Task RespondAsync(HttpContext context, bool byCompleteAsync)
    {
        if (!byCompleteAsync)
        {
            context.Response.ContentLength = 5;
        }

        await context.Response.WriteAsync("hello");
        await context.Response.Body.FlushAsync();
        if (byCompleteAsync)
        {
            await context.Response.CompleteAsync();
        }
    }
}
