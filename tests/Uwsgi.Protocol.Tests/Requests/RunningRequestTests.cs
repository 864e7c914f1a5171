using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Requests;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;
using Uwsgi.Protocol.Tests.Rules;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Tests.Requests;

/// <summary>Requests of our own server in the table: from head to end, by every protocol.</summary>
public class RunningRequestTests
{
    private readonly EndedRequests _ended = new();

    [Theory]
    [EveryProtocol]
    public async Task A_request_is_in_the_table_while_it_runs_and_gone_when_it_has_ended(GatewayProtocol protocol)
    {
        var inside = new SyncPoint();
        await using var server = Of(protocol, _ => inside.MeetAsync());
        var connection = server.Connect(server.Requests.Get("/slow", ("HTTP_X", "y")));
        connection.EndInput();
        await inside.Reached;

        var view = new SlotView();
        var slot = Assert.Single(server.Table!.Slots);
        slot.CopyTo(view);
        Assert.True(view.IsInUse);
        Assert.Equal(protocol, view.Protocol);
        Assert.Equal("/slow"u8, view.Variables[CgiVariable.RequestUri]);
        Assert.Equal("y"u8, view.Variables.GetValue(view.Variables.IndexOf("HTTP_X"u8)));
        Assert.Empty(_ended.All);

        inside.Continue();
        await connection.ReadToEndAsync();
        await connection.Execution.Within();
        slot.CopyTo(view);
        Assert.False(view.IsInUse);
        Assert.Equal(1, view.Counters.Requests);
        Assert.Equal("/slow", _ended.Only.Uri);
    }

    [Theory]
    [EveryProtocol("GET", 5)]
    [EveryProtocol("HEAD", 0)]
    public async Task What_was_sent_is_counted_as_it_was_sent(GatewayProtocol protocol, string method, int body)
    {
        await using var server = Of(protocol, async context =>
        {
            context.Response.StatusCode = 201;
            context.Response.Headers["X-One"] = "1";
            context.Response.ContentLength = 5;
            await context.Response.WriteAsync("hello");
        });
        var answer = await server.AnswerAsync([.. server.Requests.Request(method, "/"), .. server.Requests.Body("")]);

        var ended = _ended.Only;
        Assert.Equal(EndReason.Completed, ended.Outcome.Reason);
        Assert.Equal(201, ended.Outcome.StatusCode);
        Assert.Equal(body, ended.Outcome.BodySize);
        Assert.Equal(answer.Bytes.Length - body, ended.Outcome.HeadSize);

        // X-One, Content-Length, Date.
        Assert.Equal(3, ended.Outcome.HeaderCount);
    }

    [Theory]
    [EveryProtocol]
    public async Task A_streamed_response_is_counted_to_its_end(GatewayProtocol protocol)
    {
        await using var server = Of(protocol, async context =>
        {
            for (var i = 0; i < 10; i++)
            {
                await context.Response.WriteAsync(new string('x', 20_000));
                await context.Response.Body.FlushAsync();
            }
        });
        await server.AnswerAsync(server.Requests.Get());
        Assert.Equal(200_000, _ended.Only.Outcome.BodySize);
    }

    [Theory]
    [EveryProtocol(true)]
    [EveryProtocol(false)]
    public async Task An_exception_is_counted_whether_or_not_a_middleware_made_a_page_of_it(GatewayProtocol protocol, bool isCaught)
    {
        await using var server = Of(protocol, context =>
        {
            if (!isCaught)
            {
                throw new InvalidOperationException("the app's");
            }

            context.Features.Set<Microsoft.AspNetCore.Diagnostics.IExceptionHandlerFeature>(
                new Microsoft.AspNetCore.Diagnostics.ExceptionHandlerFeature { Error = new InvalidOperationException("the app's") });
            context.Response.StatusCode = 500;
            return Task.CompletedTask;
        });
        await server.AnswerAsync(server.Requests.Get());
        server.Logs.Expect("ApplicationError");
        Assert.True(_ended.Only.Outcome.HasThrown);
        Assert.Equal(500, _ended.Only.Outcome.StatusCode);
        Assert.Equal(EndReason.Completed, _ended.Only.Outcome.Reason);
    }

    [Theory]
    [EveryProtocol]
    public async Task A_request_that_the_app_aborts_is_told_as_such(GatewayProtocol protocol)
    {
        await using var server = Of(protocol, context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });
        await server.AskAndCloseAsync(server.Requests.Get());
        var outcome = _ended.Only.Outcome;
        Assert.Equal((EndReason.AppAborted, 499, 0, 0L), (outcome.Reason, outcome.StatusCode, outcome.HeadSize, outcome.BodySize));
        Assert.False(outcome.HasWriteError);
    }

    [Theory]
    [EveryProtocol]
    public async Task A_peer_that_has_gone_is_a_write_error(GatewayProtocol protocol)
    {
        var inside = new SyncPoint();
        await using var server = Of(protocol, async context =>
        {
            _ = context.RequestAborted;
            await inside.MeetAsync();
            await Eventually.TrueAsync(() => context.RequestAborted.IsCancellationRequested);
            context.RequestAborted.ThrowIfCancellationRequested();
        });
        var connection = server.Connect(server.Requests.Get());
        await inside.Reached;
        connection.Reset();
        inside.Continue();
        await connection.Execution.Within();
        var outcome = _ended.Only.Outcome;
        Assert.Equal((EndReason.PeerGone, 499), (outcome.Reason, outcome.StatusCode));
        Assert.True(outcome.HasWriteError);
        Assert.False(outcome.HasThrown);
    }

    [Theory]
    [EveryProtocol]
    public async Task A_body_that_does_not_come_is_a_read_error(GatewayProtocol protocol)
    {
        await using var server = Of(protocol, context => context.Request.Body.CopyToAsync(Stream.Null));
        byte[] half = [.. server.Requests.PostHead(100), .. protocol == GatewayProtocol.FastCgi ? server.Requests.Body("half") : "half"u8.ToArray()];
        await server.AskAndCloseAsync(half);
        Assert.True(_ended.Only.Outcome.HasReadError);
        Assert.False(_ended.Only.Outcome.HasThrown);
        Assert.Equal(400, _ended.Only.Outcome.StatusCode);
    }

    [Theory]
    [EveryProtocol]
    public async Task A_head_that_is_refused_is_told_with_its_variables_and_counts_as_no_request(GatewayProtocol protocol)
    {
        await using var server = Of(protocol, _ => Task.CompletedTask);
        await server.AskAndCloseAsync([.. server.Requests.Request("G@T", "/bad"), .. server.Requests.Body("")]);
        var ended = _ended.Only;
        Assert.Equal((EndReason.Malformed, WireError.InvalidMethod, 400), (ended.Outcome.Reason, ended.Outcome.Error, ended.Outcome.StatusCode));
        Assert.Equal((EndedRequest.NoSlot, "/bad", protocol), (ended.Slot, ended.Uri, ended.Protocol));
        Assert.Empty(server.Table!.Slots);
        Assert.Equal(1, server.Table.Refused);
    }

    [Theory]
    [EveryProtocol]
    public async Task A_request_for_which_there_is_no_room_is_told(GatewayProtocol protocol)
    {
        var inside = new SyncPoint();
        await using var server = Of(protocol, _ => inside.MeetAsync());
        server.Options.Limits.MaxConcurrentRequests = 1;
        var first = server.Connect(server.Requests.Get("/first"));
        await inside.Reached;
        await server.AskAndCloseAsync(server.Requests.Get("/second"));
        Assert.Equal((EndReason.TooManyRequests, 503), (_ended.Only.Outcome.Reason, _ended.Only.Outcome.StatusCode));
        inside.Continue();
        first.EndInput();
        await first.Execution.Within();
        Assert.Equal("/first", _ended.All.Last().Uri);
    }

    [Theory]
    [EveryProtocol]
    public async Task A_head_that_does_not_come_to_its_end_is_told_and_nothing_is_not(GatewayProtocol protocol)
    {
        await using var server = Of(protocol, _ => Task.CompletedTask);
        var late = server.Connect(server.Requests.Get()[..20]);
        await server.LetTimePassUntilEndOf(late);
        Assert.Equal(EndReason.RequestHeadTimeout, _ended.Only.Outcome.Reason);

        await server.LetTimePassUntilEndOf(server.Connect());
        Assert.Single(_ended.All);
    }

    [Theory]
    [EveryProtocol]
    public async Task An_upgraded_request_is_in_the_table_until_both_sides_are_done(GatewayProtocol protocol)
    {
        var inside = new SyncPoint();
        await using var server = Of(
            protocol,
            async context =>
            {
                await using var stream = await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
                await inside.MeetAsync();
            },
            options => options.AllowFastCgiUpgrade = true);
        var connection = server.Connect(server.Requests.Upgrade());
        await inside.Reached;
        var view = new SlotView();
        Assert.Single(server.Table!.Slots).CopyTo(view);
        Assert.True(view.IsInUse);
        inside.Continue();
        connection.EndInput();
        await connection.Execution.Within();
        Assert.Equal((EndReason.Upgraded, 101), (_ended.Only.Outcome.Reason, _ended.Only.Outcome.StatusCode));
    }

    [Theory]
    [EveryProtocol]
    [Trait("Guards", "a request never sees another one's data")]
    public async Task Nothing_of_a_request_is_told_of_the_next(GatewayProtocol protocol)
    {
        await using var server = Of(protocol, context =>
            context.Request.Path == "/first" ? throw new InvalidOperationException("the app's") : Task.CompletedTask);
        await server.AnswerAsync(server.Requests.Get("/first"));
        server.Logs.Expect("ApplicationError");
        await server.AnswerAsync(server.Requests.Get("/second"));
        Assert.Equal(["/first", "/second"], _ended.All.Select(ended => ended.Uri));
        Assert.Equal([true, false], _ended.All.Select(ended => ended.Outcome.HasThrown));
        Assert.Equal([500, 200], _ended.All.Select(ended => ended.Outcome.StatusCode));
        Assert.Equal([0, 0], _ended.All.Select(ended => ended.Slot));
    }

    private InMemoryServer Of(GatewayProtocol protocol, RequestDelegate app, Action<UwsgiProtocolOptions>? configure = null)
    {
        var server = InMemoryServer.Of(protocol, app, configure);
        server.Table = new RequestTable([_ended], server.Time);
        return server;
    }
}
