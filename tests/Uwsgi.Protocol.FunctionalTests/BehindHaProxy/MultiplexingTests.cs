using System.Net;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.BehindHaProxy;

/// <summary>The one front end that has several requests on a connection at the same time.</summary>
public sealed class MultiplexingTests
{
    private const int AtATime = 50;

    // HAProxy says 500 by itself (IH in its log) to a few of many that come in the same moment.
    private const int MaxAttempts = 5;

    [FrontEndFact("haproxy")]
    public async Task Two_hundred_requests_go_over_one_connection_fifty_at_a_time_and_none_is_lost_or_mixed()
    {
        await using var app = await ContractApp.StartAsync();
        var site = HaProxy.Multiplexed(app[WireProtocol.FastCgi]);
        await using var haProxy = await HaProxy.StartAsync(site);
        using var client = new HttpClient { BaseAddress = site.Address, Timeout = TimeSpan.FromSeconds(30) };

        // Until HAProxy has been told how many requests a connection may have, it opens another one for the second.
        var connections = new HashSet<string> { await AskAsync(client, "first", 1, 0) };
        // One that stays to the end: without any, a connection is idle between the rounds, and HAProxy may open another.
        var stays = AskAsync(client, "end", 2, 0);
        for (var round = 0; round < 4; round++)
        {
            var name = $"round {round}";
            connections.UnionWith(await Task.WhenAll(Enumerable.Range(round * AtATime, AtATime).Select(number => AskAsync(client, name, AtATime, number))));
        }

        connections.UnionWith(await Task.WhenAll(stays, AskAsync(client, "end", 2, 1)));
        Assert.Single(connections);
        Assert.False(haProxy.HasEnded, haProxy.Log);
    }

    /// <summary>Sends what no other request sends, and demands it back.</summary>
    /// <returns>The connection that it came to the app by.</returns>
    private static async Task<string> AskAsync(HttpClient client, string meeting, int expected, int number)
    {
        var body = new byte[1 + (number * 300)];
        new Random(number).NextBytes(body);
        for (var attempt = 0; ; attempt++)
        {
            using var response = await client.PostAsync($"/together/{Uri.EscapeDataString(meeting)}?expected={expected}", new ByteArrayContent(body));
            var answer = await response.Content.ReadAsByteArrayAsync();
            if (attempt < MaxAttempts && response.StatusCode == HttpStatusCode.InternalServerError && answer.AsSpan().SequenceEqual(HaProxy.OwnError))
            {
                // It never reached the app: the meeting would have one too many.
                continue;
            }

            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(body, answer);
            return response.Headers.GetValues("X-Connection").Single();
        }
    }
}
