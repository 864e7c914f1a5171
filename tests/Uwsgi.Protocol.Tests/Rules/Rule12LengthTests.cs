using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rule 12: a response has as many bytes as it says, or its end can be told from one in order.</summary>
public class Rule12LengthTests
{
    [Theory]
    [EveryProtocol]
    public async Task An_app_that_writes_nothing_has_a_response_of_length_zero(GatewayProtocol protocol)
    {
        var received = await AnswerAsync(protocol, static _ => Task.CompletedTask);
        Assert.Equal("0", received["Content-Length"]);
        Assert.Equal("", received.Body);
    }

    [Theory]
    [EveryProtocol]
    public async Task An_announced_length_is_kept(GatewayProtocol protocol)
    {
        var received = await AnswerAsync(protocol, async context =>
        {
            context.Response.ContentLength = 5;
            await context.Response.WriteAsync("hel");
            await context.Response.WriteAsync("lo");
        });
        Assert.Equal("5", received["Content-Length"]);
        Assert.Equal("hello", received.Body);
    }

    [Theory]
    [EveryProtocol(false)]
    [EveryProtocol(true)]
    public async Task Writing_more_than_announced_throws_at_the_write(GatewayProtocol protocol, bool byPipe)
    {
        var received = await AnswerAsync(protocol, async context =>
        {
            context.Response.ContentLength = 5;
            await context.Response.WriteAsync("hel");
            if (byPipe)
            {
                _ = context.Response.BodyWriter.GetMemory(3);
                Assert.Throws<InvalidOperationException>(() => context.Response.BodyWriter.Advance(3));
            }
            else
            {
                await Assert.ThrowsAsync<InvalidOperationException>(() => context.Response.WriteAsync("low"));
            }

            await context.Response.WriteAsync("lo");
        });
        Assert.Equal("hello", received.Body);
    }

    [Theory]
    [EveryProtocol]
    public async Task Writing_less_than_announced_is_500_while_nothing_has_left(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            context.Response.ContentLength = 10;
            context.Response.Headers["X-Mine"] = "gone";
            await context.Response.WriteAsync("hello");
        });
        server.Logs.Expect("ResponseTooShort");
        var received = await server.AnswerAsync(server.Requests.Get());
        Assert.Equal(500, received.Status);
        Assert.Equal("0", received["Content-Length"]);
        Assert.Null(received["X-Mine"]);
        Assert.Contains("5 of 10", Assert.Single(server.Logs.Of("ResponseTooShort")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [EveryProtocol]
    public async Task Writing_less_than_announced_is_a_reset_when_the_head_has_left(GatewayProtocol protocol)
    {
        var inside = new SyncPoint();
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            context.Response.ContentLength = 10;
            await context.Response.WriteAsync("hello");
            await inside.MeetAsync();
        });
        server.Logs.Expect("ResponseTooShort");
        var connection = server.Run(TestTransport.Open("C", isTcp: true), server.Requests.Get());
        _ = await connection.ReadAsync(1);
        inside.Continue();
        Assert.True((await connection.ReadToEndAsync()).IsReset);
        await connection.Execution.Within();
        Assert.Equal(["ResponseTooShort"], server.Ends);
        Assert.Equal("ResponseTooShort", Assert.Single(server.Meters.Of("uwsgi_protocol.aborted_requests"))["error.type"]);
    }

    [Theory]
    [EveryProtocol(new object?[] { null })]
    [EveryProtocol(5)]
    public async Task Head_has_the_head_and_no_body(GatewayProtocol protocol, int? length)
    {
        var received = await AnswerAsync(
            protocol,
            async context =>
            {
                context.Response.ContentLength = length;
                await context.Response.WriteAsync("hello");
                await Task.Yield();
                if (length is null)
                {
                    await context.Response.WriteAsync("and more");
                }
            },
            "HEAD");
        Assert.Equal(length?.ToString(System.Globalization.CultureInfo.InvariantCulture), received["Content-Length"]);
        Assert.Equal("", received.Body);
        Assert.False(received.IsReset);
    }

    [Theory]
    [EveryProtocol]
    public async Task Head_may_announce_a_body_that_the_app_does_not_write(GatewayProtocol protocol)
    {
        var received = await AnswerAsync(
            protocol,
            context =>
            {
                context.Response.ContentLength = 1_000_000;
                return Task.CompletedTask;
            },
            "HEAD");
        Assert.Equal("1000000", received["Content-Length"]);
        Assert.False(received.IsReset);
    }

    [Theory]
    [EveryProtocol(204, null)]
    [EveryProtocol(205, "0")]
    [EveryProtocol(304, "7")]
    public async Task Statuses_without_a_body_have_none(GatewayProtocol protocol, int status, string? length)
    {
        var received = await AnswerAsync(protocol, async context =>
        {
            context.Response.StatusCode = status;
            if (status == 304)
            {
                context.Response.ContentLength = 7;
            }

            await Assert.ThrowsAsync<InvalidOperationException>(() => context.Response.WriteAsync("body"));
        });
        Assert.Equal(status, received.Status);
        Assert.Equal(length, received["Content-Length"]);
        Assert.Equal("", received.Body);
        Assert.False(received.IsReset);
    }

    [Theory]
    [EveryProtocol]
    public async Task A_length_on_204_is_left_out(GatewayProtocol protocol)
    {
        var received = await AnswerAsync(protocol, context =>
        {
            context.Response.StatusCode = 204;
            context.Response.ContentLength = 0;
            return Task.CompletedTask;
        });
        Assert.Null(received["Content-Length"]);
    }

    private static async Task<Received> AnswerAsync(GatewayProtocol protocol, RequestDelegate app, string method = "GET")
    {
        await using var server = InMemoryServer.Of(protocol, app);
        return await server.AnswerAsync([.. server.Requests.Request(method, "/"), .. server.Requests.Body("")]);
    }
}
