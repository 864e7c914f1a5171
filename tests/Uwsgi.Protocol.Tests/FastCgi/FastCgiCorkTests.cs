using System.Globalization;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Hosting;

namespace Uwsgi.Protocol.Tests.FastCgi;

/// <summary>Requests that come together are answered together, and none waits for another one's answer.</summary>
public class FastCgiCorkTests
{
    private const int Count = 16;

    [Fact]
    public async Task Answers_of_requests_that_came_together_are_one_packet()
    {
        await using var app = await FastCgiApp.StartAsync(static context => context.Response.WriteAsync($"{context.Request.Path}"));
        using var peer = await SocketPeer.ConnectAsync(FastCgiApp.EndPointOf(app));
        for (var round = 1; round <= 50; round++)
        {
            await peer.SendAsync(WireBytes.Concat([.. Ids.Select(id => FastCgiPackets.Get(id, $"/{id}"))]));
            await AssertAnswersAsync(peer, Ids);

            // Two, where the system had handed the requests out in two pieces.
            Assert.InRange(DataSegmentsReceived(peer), round, 2 * round);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Guards", "none waits for another one's response")]
    public async Task A_request_that_keeps_its_thread_keeps_nobodys_answer(bool blocks)
    {
        using var released = new ManualResetEventSlim();
        await using var app = await FastCgiApp.StartAsync(context =>
        {
            if (context.Request.Path == "/3")
            {
                while (blocks ? !released.Wait(Timeout.Infinite) : !released.IsSet)
                {
                }
            }

            return context.Response.WriteAsync($"{context.Request.Path}");
        });
        try
        {
            using var peer = await SocketPeer.ConnectAsync(FastCgiApp.EndPointOf(app));
            await peer.SendAsync(WireBytes.Concat([.. Ids.Select(id => FastCgiPackets.Get(id, $"/{id}"))]));
            await AssertAnswersAsync(peer, [.. Ids.Where(static id => id != 3)]);
            released.Set();
            await AssertAnswersAsync(peer, [3]);
        }
        finally
        {
            released.Set();
        }
    }

    [Fact]
    public async Task Who_sends_its_end_behind_its_requests_gets_every_answer()
    {
        await using var app = await FastCgiApp.StartAsync(static async context =>
        {
            if (context.Request.Path == "/5")
            {
                await Task.Yield();
            }

            await context.Response.WriteAsync($"{context.Request.Path}");
        });
        for (var round = 0; round < 100; round++)
        {
            using var peer = await SocketPeer.ConnectAsync(FastCgiApp.EndPointOf(app));
            await peer.SendAsync(WireBytes.Concat([.. Ids.Select(id => FastCgiPackets.Get(id, $"/{id}"))]));
            peer.EndInput();
            var received = await peer.ReadToEndAsync();
            Assert.False(received.IsReset);
            AssertAnswers(FastCgiRecord.TakeAll([.. received.Bytes]), Ids);
        }
    }

    [Fact]
    public async Task A_large_answer_among_small_ones_is_whole()
    {
        var large = new string('x', 300_000);
        await using var app = await FastCgiApp.StartAsync(context => context.Response.WriteAsync(context.Request.Path == "/7" ? large : "small"));
        using var peer = await SocketPeer.ConnectAsync(FastCgiApp.EndPointOf(app));
        for (var round = 0; round < 20; round++)
        {
            await peer.SendAsync(WireBytes.Concat([.. Ids.Select(id => FastCgiPackets.Get(id, $"/{id}"))]));
            var records = (await FastCgiApp.ReadRecordsAsync(peer, Count)).ToLookup(static record => record.Id);
            Assert.All(Ids, id => Assert.Equal(id == 7 ? large : "small", new FastCgiAnswer([.. records[id]]).Body));
        }
    }

    private static int[] Ids => [.. Enumerable.Range(1, Count)];

    private static int DataSegmentsReceived(SocketPeer peer)
    {
        const int Tcp = 6;
        const int Information = 11;
        const int DataSegmentsIn = 152;
        var information = new byte[DataSegmentsIn + sizeof(int)];
        peer.Socket.GetRawSocketOption(Tcp, Information, information);
        return BitConverter.ToInt32(information, DataSegmentsIn);
    }

    private static async Task AssertAnswersAsync(SocketPeer peer, int[] ids) => AssertAnswers(await FastCgiApp.ReadRecordsAsync(peer, ids.Length), ids);

    private static void AssertAnswers(IEnumerable<FastCgiRecord> records, int[] ids)
    {
        var byId = records.ToLookup(static record => record.Id);
        Assert.Equal(ids, byId.Select(static answer => answer.Key).Order());
        Assert.All(ids, id => Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"/{id}"), new FastCgiAnswer([.. byId[id]]).Body));
    }
}
