using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rule 9: the front end has said 100 Continue; what the client expected is history.</summary>
public class Rule09ContinueTests
{
    [Theory]
    [EveryProtocol]
    public async Task Nothing_is_said_before_the_answer_to_a_client_that_expects_it(GatewayProtocol protocol)
    {
        var reading = new SyncPoint();
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            Assert.False(context.Request.Headers.ContainsKey("Expect"));
            var read = context.Request.Body.CopyToAsync(Stream.Null);
            await reading.MeetAsync();
            await read;
            await context.Response.WriteAsync("read");
        });
        var connection = server.Connect(server.Requests.PostHead(4, ("HTTP_EXPECT", "100-continue")));
        await reading.Reached;
        Assert.Empty(connection.Flushes);
        reading.Continue();
        await connection.SendAsync(server.Requests.Body("body"));
        connection.EndInput();
        var received = server.Requests.Answer(await connection.ReadToEndAsync());
        Assert.Equal((200, "read"), (received.Status, received.Body));
    }

    [Theory]
    [EveryProtocol(100)]
    [EveryProtocol(101)]
    [EveryProtocol(102)]
    [EveryProtocol(103)]
    [EveryProtocol(199)]
    public async Task A_status_that_is_not_final_is_a_failure_of_the_app(GatewayProtocol protocol, int status)
    {
        await using var server = InMemoryServer.Of(protocol, context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        server.Logs.Expect("ApplicationError");
        var received = await server.AnswerAsync(server.Requests.Get());
        Assert.Equal(500, received.Status);
        Assert.Contains($"{status}", Assert.Single(server.Logs.Of("ApplicationError")).Exception?.Message, StringComparison.Ordinal);
    }
}
