using System.Text;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Requests;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.FastCgi;
using Uwsgi.Protocol.Tests.InMemory;
using Uwsgi.Protocol.Tests.Requests;

namespace Uwsgi.Protocol.Tests.Harakiri;

/// <summary>A request ends and is ended at the same moment: it is one or the other, and no byte is anybody else's.</summary>
public class HarakiriRaceTests
{
    private const int Rounds = 1000;

    // More is a few milliseconds.
    private const int MaxLead = 1_000_000;

    private readonly EndedRequests _ended = new();
    private int _lead;
    private int _step = 40;

    [Theory]
    [InlineData(GatewayProtocol.Uwsgi)]
    [InlineData(GatewayProtocol.Scgi)]
    public async Task An_answer_is_the_apps_or_504_and_whole(GatewayProtocol protocol)
    {
        var handlers = new TaskCompletionSource[Rounds];
        await using var server = InMemoryServer.Of(protocol, context => AnswerLateAsync(context, handlers)).WatchWith(new HarakiriOptions { Grace = TimeSpan.Zero });
        server.Table = new RequestTable([_ended], server.Time);
        var answers = new int[2];
        for (var round = 0; round < Rounds; round++)
        {
            handlers[round] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var connection = server.Connect(server.Requests.Get($"/{round}"));
            await RaceAsync(server, handlers[round]);
            var answer = await connection.ReadToEndAsync();
            await server.LetTimePassUntilEndOf(connection);
            answers[answer.Status == 504 ? 1 : 0]++;
            Steer(isKilled: answer.Status == 504);
            Assert.False(answer.IsReset);
            Assert.Equal(answer.Status == 504 ? "" : $"this is {round}", answer.Body);
        }

        Verify(server, answers);
    }

    [Fact]
    public async Task On_a_kept_connection_with_one_id_an_answer_is_the_apps_or_504_and_whole()
    {
        var handlers = new TaskCompletionSource[Rounds];
        await using var server = FastCgiServer.Create(context => AnswerLateAsync(context, handlers)).WatchWith(new HarakiriOptions { Grace = TimeSpan.Zero });
        server.Table = new RequestTable([_ended], server.Time);
        var peer = server.Open();
        var answers = new int[2];
        for (var round = 0; round < Rounds; round++)
        {
            handlers[round] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await peer.SendAsync(FastCgiPackets.Get(1, $"/{round}"));
            await RaceAsync(server, handlers[round]);
            var answer = await peer.AnswerAsync(1);
            Assert.True(answer.IsComplete);
            answers[answer.Status == 504 ? 1 : 0]++;
            Steer(isKilled: answer.Status == 504);
            Assert.Equal(answer.Status == 504 ? "" : $"this is {round}", answer.Body);
        }

        await peer.CloseAsync();
        Assert.Empty(peer.Records);
        await Eventually.TrueAsync(() => server.Table.Running == 0);
        Verify(server, answers);
    }

    /// <summary>Lets the handler go, and its time pass, on two threads.</summary>
    private async Task RaceAsync(InMemoryServer server, TaskCompletionSource handler)
    {
        await Eventually.TrueAsync(() => server.Harakiri.Watched > 0);
        using var start = new Barrier(2);
        var finishing = Task.Run(() =>
        {
            start.SignalAndWait();
            Thread.SpinWait(Math.Max(0, -_lead));
            handler.SetResult();
        });
        var killing = Task.Run(() =>
        {
            start.SignalAndWait();
            Thread.SpinWait(Math.Max(0, _lead));
            server.LetTimePass(TimeSpan.FromSeconds(30));
        });
        await Task.WhenAll(finishing, killing).Within();
    }

    /// <summary>Who came second is a little earlier next time, and much earlier where that is not enough: it stays a race, however busy the machine is.</summary>
    private void Steer(bool isKilled)
    {
        var direction = isKilled ? 1 : -1;
        _step = Math.Sign(_step) == direction ? Math.Clamp(_step * 2, -MaxLead, MaxLead) : direction * 40;
        _lead = Math.Clamp(_lead + _step, -MaxLead, MaxLead);
    }

    private static async Task AnswerLateAsync(HttpContext context, TaskCompletionSource[] handlers)
    {
        var number = context.Request.Path.Value![1..];
        await handlers[int.Parse(number, System.Globalization.CultureInfo.InvariantCulture)].Task;
        var answer = Encoding.ASCII.GetBytes($"this is {number}");
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer);
    }

    private void Verify(InMemoryServer server, int[] answers)
    {
        // Whoever ends it tells of it, in the figures and in the request log: once, and as it was.
        Assert.Equal((0, Rounds), (server.Table!.Running, server.Table.ReadTotal().Requests));
        Assert.Equal(Enumerable.Range(0, Rounds).Select(round => $"/{round}").Order(StringComparer.Ordinal), _ended.All.Select(ended => ended.Uri).Order(StringComparer.Ordinal));
        Assert.Equal(Enumerable.Range(1, Rounds), _ended.All.Select(ended => (int)ended.Number).Order());
        Assert.Equal(answers[1], _ended.All.Count(ended => ended.Outcome is { Reason: EndReason.Harakiri, StatusCode: 504, BodySize: 0 }));
        Assert.Equal(answers[0], _ended.All.Count(ended => ended.Outcome is { Reason: EndReason.Completed, StatusCode: 200, BodySize: > 8 }));
        Assert.Equal(Rounds, answers[0] + answers[1]);
        Assert.True(answers[0] > 0 && answers[1] > 0, $"That was no race: {answers[0]} in time, {answers[1]} ended.");
        Assert.Equal((0, 0), (server.Harakiri.Stuck, server.Harakiri.Watched));
        Assert.Equal(0, server.Meters.Sum("uwsgi_protocol.harakiri.stuck"));
        Assert.Equal(server.Harakiri.Killed, (long)server.Meters.Sum("uwsgi_protocol.harakiri.kills"));
    }
}
