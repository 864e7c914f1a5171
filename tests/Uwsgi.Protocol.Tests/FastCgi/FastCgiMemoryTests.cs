using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Hosting;

namespace Uwsgi.Protocol.Tests.FastCgi;

/// <summary>Bad input without end on one connection: nothing of it is kept, and a request that is on the connection too is not touched.</summary>
[Collection(nameof(OneAtATime))]
public class FastCgiMemoryTests
{
    private const int Rounds = 300;
    private const int PerRound = 100;

    // An object of each record would be more.
    private const long MaxKept = 32 * Rounds * PerRound;

    /// <summary>Records, and how many requests they end.</summary>
    public static TheoryData<string, byte[], int> BadInput => new()
    {
        { "a body for nobody", FastCgiPackets.Stdin(9, new string('x', 1000), 255), 0 },
        { "params for nobody", FastCgiPackets.Params(9, FastCgiPackets.Pairs("GET", "/")), 0 },
        { "aborts of nobody", FastCgiPackets.Abort(9), 0 },
        { "types that nobody knows", FastCgiBytes.Record(99, 9, new byte[1000]), 0 },
        { "a body behind its end", FastCgiPackets.Stdin(1, new string('x', 1000)), 0 },
        { "params behind their end", FastCgiPackets.Params(1, FastCgiPackets.Pairs("GET", "/")), 0 },
        { "requests taken back", [.. FastCgiPackets.Begin(9), .. FastCgiPackets.Stdin(9, new string('x', 1000)), .. FastCgiPackets.Abort(9)], 1 },
        { "roles that nobody plays", FastCgiPackets.Begin(9, role: 77), 1 },
        { "malformed params", [.. FastCgiPackets.Begin(9), .. FastCgiPackets.Params(9, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1])], 1 },
        { "two lengths", FastCgiPackets.Get(9, "/", true, ("CONTENT_LENGTH", "1"), ("CONTENT_LENGTH", "2")), 1 },
        { "questions", FastCgiBytes.Record(FastCgiRecord.GetValues, 0, [0x80]), 1 },
    };

    [Theory]
    [MemberData(nameof(BadInput))]
    [Trait("Guards", "memory stays flat")]
    public async Task Bad_input_without_end_is_not_kept_and_the_other_request_goes_on(string what, byte[] records, int answers)
    {
        Assert.NotEmpty(what);
        var inside = new SyncPoint();
        await using var server = FastCgiServer.Create(async context =>
        {
            await inside.MeetAsync();
            await context.Response.WriteAsync("still here");
        });
        var round = WireBytes.Concat([.. Enumerable.Repeat(records, PerRound)]);
        var ask = FastCgiBytes.Record(FastCgiRecord.GetValues, 0, FastCgiBytes.Pairs(("FCGI_MPXS_CONNS", "")));
        var peer = server.Open(FastCgiPackets.Get());
        await inside.Reached;
        await RunAsync(20);
        var kept = long.MaxValue;
        for (var attempt = 0; attempt < 3 && kept > MaxKept; attempt++)
        {
            // What other tests have left behind may come in between; what is kept is kept each time.
            var before = GC.GetTotalMemory(forceFullCollection: true);
            await RunAsync(Rounds);
            kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        }

        inside.Continue();
        Assert.Equal("still here", (await peer.AnswerAsync(1)).Body);
        await peer.CloseAsync();

        Assert.InRange(kept, long.MinValue, MaxKept);

        async Task RunAsync(int rounds)
        {
            for (var i = 0; i < rounds; i++)
            {
                await peer.SendAsync(round, ask);
                var ends = 0;
                await peer.UntilAsync(() =>
                {
                    foreach (var record in peer.Records.Where(record => record.Id != 1).ToList())
                    {
                        peer.Take(record);
                        ends += record.Type is FastCgiRecord.EndRequest or FastCgiRecord.GetValuesResult ? 1 : 0;
                    }

                    return ends == (PerRound * answers) + 1;
                });
            }

            server.Logs.Clear();
            server.Meters.Clear();
            peer.Connection.ClearFlushes();
        }
    }
}
