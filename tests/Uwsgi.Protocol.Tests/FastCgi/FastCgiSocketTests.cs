using System.Text;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Hosting;

namespace Uwsgi.Protocol.Tests.FastCgi;

/// <summary>A real connection.</summary>
public class FastCgiSocketTests
{
    [Fact]
    public async Task Two_hundred_requests_over_one_connection_are_neither_lost_nor_mixed()
    {
        const int Count = 200;
        var inside = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await FastCgiApp.StartAsync(async context =>
        {
            if (Interlocked.Increment(ref inside) == Count)
            {
                all.SetResult();
            }

            var body = await new StreamReader(context.Request.Body, Encoding.Latin1).ReadToEndAsync();
            await context.Response.WriteAsync($"{context.Request.Path}: ");
            await Task.Yield();
            await context.Response.WriteAsync(body);
        }, options => options.Limits.MaxFastCgiRequestsPerConnection = Count);
        using var peer = await SocketPeer.ConnectAsync(FastCgiApp.EndPointOf(app));
        var records = FastCgiApp.ReadRecordsAsync(peer, Count);

        // All are in the app before the first one is complete; their pieces come in turn.
        var requests = Enumerable.Range(1, Count).Select(id => (Id: id * 2, Body: $"{id}-" + new string((char)('a' + (id % 26)), id * 97))).ToArray();
        await peer.SendAsync(WireBytes.Concat([.. requests.Select(request => FastCgiPackets.PostHead(request.Id, request.Body.Length, target: $"/{request.Id}"))]));
        await all.Task.Within();
        for (var at = 0; requests.Any(request => at < request.Body.Length); at += 2000)
        {
            foreach (var request in requests.Where(request => at < request.Body.Length))
            {
                await peer.SendAsync(FastCgiPackets.Stdin(request.Id, request.Body[at..Math.Min(at + 2000, request.Body.Length)], (byte)request.Id));
            }
        }

        foreach (var request in requests)
        {
            await peer.SendAsync(FastCgiPackets.StdinEnd(request.Id));
        }

        var byId = (await records).ToLookup(record => record.Id);
        Assert.Equal(Count, byId.Count);
        foreach (var request in requests)
        {
            var answer = new FastCgiAnswer([.. byId[request.Id]]);
            Assert.Equal($"/{request.Id}: {request.Body}", answer.Body);
            Assert.True(answer.IsComplete);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Requests_follow_each_other_as_fast_as_they_can_under_one_id(bool keep)
    {
        await using var app = await FastCgiApp.StartAsync(context => context.Response.WriteAsync($"{context.Request.Path}"));
        SocketPeer? peer = null;
        for (var i = 0; i < 500; i++)
        {
            peer ??= await SocketPeer.ConnectAsync(FastCgiApp.EndPointOf(app));
            await peer.SendAsync(FastCgiPackets.Get(1, $"/{i}", keep));
            var answer = new FastCgiAnswer(await FastCgiApp.ReadRecordsAsync(peer, 1));
            Assert.Equal($"/{i}", answer.Body);
            if (!keep)
            {
                var rest = await peer.ReadToEndAsync();
                Assert.Empty(rest.Bytes);
                Assert.False(rest.IsReset);
                peer.Dispose();
                peer = null;
            }
        }

        peer?.Dispose();
    }

    [Fact]
    public async Task The_end_of_a_connection_that_is_not_kept_does_not_wait_for_the_apps_callbacks()
    {
        var inside = new SyncPoint();
        await using var app = await FastCgiApp.StartAsync(context =>
        {
            context.Response.OnCompleted(inside.MeetAsync);
            return context.Response.WriteAsync("hello");
        });
        using var peer = await SocketPeer.ConnectAsync(FastCgiApp.EndPointOf(app));
        await peer.SendAsync(FastCgiPackets.Get(keep: false));
        var received = await peer.ReadToEndAsync();
        Assert.False(received.IsReset);
        Assert.Equal("hello", new FastCgiAnswer(FastCgiRecord.TakeAll([.. received.Bytes])).Body);
        inside.Continue();
    }

    [Fact]
    public async Task A_peer_that_sends_all_of_the_body_of_a_request_that_is_refused_gets_the_whole_answer()
    {
        const int Size = 3 * 1024 * 1024;
        await using var app = await FastCgiApp.StartAsync(
            static _ => Task.CompletedTask, options => options.Limits.MaxRequestVariableCount = 1);
        for (var i = 0; i < 30; i++)
        {
            // It writes all before it reads, as Caddy does.
            using var peer = await SocketPeer.ConnectAsync(FastCgiApp.EndPointOf(app));
            await peer.SendAsync(FastCgiPackets.PostHead(1, Size, keep: false));
            var piece = FastCgiPackets.Stdin(1, new string('x', 64 * 1024 - 8));
            var sending = Task.Run(async () =>
            {
                for (var sent = 0; sent < Size; sent += piece.Length)
                {
                    await peer.SendAsync(piece);
                }
            });
            await sending.Within();
            await peer.SendAsync(FastCgiPackets.StdinEnd());
            var received = await peer.ReadToEndAsync();
            Assert.False(received.IsReset);
            var answer = new FastCgiAnswer(FastCgiRecord.TakeAll([.. received.Bytes]));
            Assert.True(answer.IsComplete);
            Assert.Equal(431, answer.Status);
        }
    }
}
