using System.Text;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.FastCgi;

/// <summary>Several requests of one connection at a time.</summary>
public class FastCgiMultiplexTests
{
    private const int Bound = 1024 * 1024;

    [Fact]
    public async Task Sixteen_requests_at_once_have_their_own_bodies_and_answers()
    {
        const int Count = 16;
        await using var server = FastCgiServer.Create(EchoAsync);
        var peer = server.Open();
        var ids = Enumerable.Range(0, Count).Select(i => (i * 4001) + 1).ToArray();
        var requests = ids.Select(id => Pieces(FastCgiPackets.Post(id, Body(id), target: $"/{id}"))).ToArray();
        for (var piece = 0; requests.Any(request => piece < request.Count); piece++)
        {
            foreach (var request in requests.Where(request => piece < request.Count))
            {
                await peer.SendAsync(request[piece]);
            }
        }

        foreach (var id in ids)
        {
            var answer = await peer.AnswerAsync(id);
            Assert.Equal($"/{id}: {Body(id)}", answer.Body);
            Assert.True(answer.IsComplete);
        }

        await peer.CloseAsync();
        Assert.Empty(peer.Records);

        static string Body(int id) => string.Join(',', Enumerable.Repeat(id, 2000));

        // Whole records, and a body in many of them.
        static List<byte[]> Pieces(byte[] request)
        {
            var pieces = new List<byte[]>();
            List<byte> bytes = [.. request];
            foreach (var record in FastCgiRecord.TakeAll(bytes))
            {
                if (record.Type == FastCgiRecord.Stdin && record.Content.Length > 0)
                {
                    pieces.AddRange(record.Content.Chunk(997).Select(chunk => FastCgiBytes.Record(record.Type, record.Id, chunk, (byte)(chunk.Length % 256))));
                }
                else
                {
                    pieces.Add(FastCgiBytes.Record(record.Type, record.Id, record.Content));
                }
            }

            return pieces;
        }
    }

    [Fact]
    public async Task A_request_that_does_not_read_its_body_stops_the_others_at_its_bound_and_no_sooner()
    {
        var inside = new SyncPoint();
        await using var server = FastCgiServer.Create(async context =>
        {
            if (context.Request.Path == "/deaf")
            {
                await inside.MeetAsync();
            }

            await EchoAsync(context);
        });
        var piece = new string('x', 32 * 1024);
        var peer = server.Open(FastCgiPackets.PostHead(1, 2 * Bound, target: "/deaf"));
        await inside.Reached;
        for (var sent = piece.Length; sent < Bound; sent += piece.Length)
        {
            await peer.SendAsync(FastCgiPackets.Stdin(1, piece));
            Assert.Equal("/2: x", (await peer.AskAsync(2, FastCgiPackets.Post(2, "x", target: "/2"))).Body);
        }

        // This one fills it: what comes behind waits, until the app reads.
        await peer.SendAsync(FastCgiPackets.Stdin(1, piece), FastCgiPackets.Post(2, "y", target: "/2"));
        await peer.SendAsync(FastCgiPackets.Get(3));
        for (var sent = 0; sent < Bound; sent += piece.Length)
        {
            await peer.SendAsync(FastCgiPackets.Stdin(1, piece));
        }

        var flushed = peer.Connection.Flushed;
        await Task.Yield();
        Assert.Equal(flushed, peer.Connection.Flushed);
        await peer.SendAsync(FastCgiPackets.StdinEnd());
        inside.Continue();
        Assert.Equal("/2: y", (await peer.AnswerAsync(2)).Body);
        Assert.Equal(200, (await peer.AnswerAsync(3)).Status);
        Assert.Equal("/deaf: ".Length + (2 * Bound), (await peer.AnswerAsync(1)).Body.Length);
        await peer.CloseAsync();
    }

    [Fact]
    public async Task A_request_that_ends_at_its_bound_lets_the_connection_go_on()
    {
        var inside = new SyncPoint();
        await using var server = FastCgiServer.Create(context => context.Request.Path == "/deaf" ? inside.MeetAsync() : EchoAsync(context));
        var peer = server.Open(FastCgiPackets.PostHead(1, 10 * Bound, target: "/deaf"));
        await inside.Reached;
        for (var sent = 0; sent < 2 * Bound; sent += 60_000)
        {
            await peer.SendAsync(FastCgiPackets.Stdin(1, new string('x', 60_000)));
        }

        await peer.SendAsync(FastCgiPackets.Get(2, "/2"));
        inside.Continue();
        Assert.Equal(200, (await peer.AnswerAsync(1)).Status);
        Assert.Equal("/2: ", (await peer.AnswerAsync(2)).Body);
        await peer.CloseAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Guards", "requests begun and never ended")]
    public async Task As_many_begun_requests_as_there_are_ids_leave_the_memory_flat(bool reads)
    {
        await using var server = FastCgiServer.Create(EchoAsync, options => options.Limits.MaxFastCgiRequestsPerConnection = 10);
        var peer = new FastCgiPeer(server.Connect([], maxUnreadOutput: 64 * 1024));
        var answered = 0;
        for (var id = 1; id <= 65535; id++)
        {
            await peer.SendAsync(FastCgiPackets.Begin(id));
            if (reads && id % 8000 == 0)
            {
                await peer.AnswerAsync(id);
                answered++;
            }
        }

        if (!reads)
        {
            // Nobody takes the refusals: no more are made than a few buffers hold.
            await Eventually.TrueAsync(() => peer.Connection.IsBehind);
            var kept = -1;
            await Eventually.TrueAsync(() => kept == (kept = peer.Connection.Flushed + peer.Connection.Unflushed));
            Assert.InRange(kept, 1, 128 * 1024);
        }

        // All are answered once somebody reads, and the first ones are still there.
        await peer.AnswerAsync(65535);
        Assert.Equal(200, (await peer.AskAsync(1, WireBytes.Concat(
            FastCgiPackets.Params(1, FastCgiPackets.Pairs("GET", "/")), FastCgiPackets.StdinEnd()))).Status);
        Assert.Equal(65535 - 10 - answered - 1, peer.Records.Count(record => record.Type == FastCgiRecord.EndRequest));
        peer.Connection.Reset();
        await peer.Connection.Execution.Within();
    }

    [Fact]
    public async Task Beyond_the_limit_of_the_server_a_request_is_answered_with_503_and_the_place_is_given_back()
    {
        var inside = new SyncPoint();
        await using var server = FastCgiServer.Create(
            context => context.Request.Path == "/wait" ? inside.MeetAsync() : Task.CompletedTask,
            options => options.Limits.MaxConcurrentRequests = 1);
        var peer = server.Open(FastCgiPackets.Get(1, "/wait"));
        await inside.Reached;
        for (var i = 0; i < 3; i++)
        {
            var answer = await peer.AskAsync(2, FastCgiPackets.Get(2));
            Assert.Equal(503, answer.Status);
            Assert.True(answer.IsComplete);
        }

        inside.Continue();
        Assert.Equal(200, (await peer.AnswerAsync(1)).Status);

        // The place is free when the request is, which is a moment behind its end.
        await Eventually.TrueAsync(() => server.Gateway.Runtime.TryEnterRequest());
        server.Gateway.Runtime.LeaveRequest();
        Assert.Equal(200, (await peer.AskAsync(2, FastCgiPackets.Get(2))).Status);
        await peer.CloseAsync();
        Assert.Equal(3, server.Logs.Of("TooManyRequests").Count());
    }

    private static async Task EchoAsync(HttpContext context)
    {
        var body = await new StreamReader(context.Request.Body, Encoding.Latin1).ReadToEndAsync();
        await context.Response.WriteAsync($"{context.Request.Path}: {body}");
    }
}
