using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.FastCgi;

/// <summary>Who ends a request early, who is told, and what becomes of the others on the connection.</summary>
public class FastCgiAbortTests
{

    [Fact]
    public async Task An_abort_behind_the_end_is_nothing()
    {
        await using var server = FastCgiServer.Create(static _ => Task.CompletedTask);
        var peer = server.Open();
        for (var i = 0; i < 200; i++)
        {
            // In the same moment as the end, as often as not.
            await peer.SendAsync(FastCgiPackets.Get(), FastCgiPackets.Abort());
            var answer = await peer.AnswerAsync(1);
            Assert.Equal(0, answer.ProtocolStatus);
            await peer.SendAsync(FastCgiPackets.Abort(), FastCgiPackets.Abort(77));
        }

        await peer.CloseAsync();
        Assert.Empty(peer.Records);
    }

    [Fact]
    public async Task The_peers_leaving_fires_the_token_of_every_request()
    {
        const int Count = 8;
        var inside = 0;
        var fired = 0;
        await using var server = FastCgiServer.Create(async context =>
        {
            var aborted = new TaskCompletionSource();
            using var registration = context.RequestAborted.Register(aborted.SetResult);
            Interlocked.Increment(ref inside);
            await aborted.Task.Within();
            Interlocked.Increment(ref fired);
            context.RequestAborted.ThrowIfCancellationRequested();
        });
        var peer = server.Open([.. Enumerable.Range(1, Count).Select(id => FastCgiPackets.Get(id))]);
        await Eventually.TrueAsync(() => Volatile.Read(ref inside) == Count);
        peer.Connection.Reset();
        await peer.Connection.Execution.Within();
        Assert.Equal(Count, fired);
        Assert.DoesNotContain(server.Logs.Entries, entry => entry.Level > LogLevel.Debug);
    }

    [Fact]
    public async Task An_exception_before_the_head_is_500_and_the_others_go_on()
    {
        var inside = new SyncPoint();
        await using var server = FastCgiServer.Create(context => context.Request.Path == "/wait"
            ? inside.MeetAsync()
            : throw new InvalidOperationException("the app's"));
        server.Logs.Expect("ApplicationError");
        var peer = server.Open(FastCgiPackets.Get(1, "/wait"));
        await inside.Reached;
        var failed = await peer.AskAsync(2, FastCgiPackets.Get(2));
        Assert.Equal(500, failed.Status);
        Assert.True(failed.IsComplete);
        inside.Continue();
        Assert.Equal(200, (await peer.AnswerAsync(1)).Status);
        await peer.CloseAsync();
    }

    [Theory]
    [InlineData("running", false)]
    [InlineData("running", true)]
    [InlineData("begun", false)]
    [InlineData("begun", true)]
    [InlineData("alone", false)]
    [InlineData("alone", true)]
    public async Task A_response_that_breaks_off_is_a_reset_where_it_is_alone_and_else_its_end(string others, bool byAbort)
    {
        var inside = new SyncPoint();
        var written = new SyncPoint();
        await using var server = FastCgiServer.Create(async context =>
        {
            if (context.Request.Path == "/wait")
            {
                await inside.MeetAsync();
                await context.Response.WriteAsync("the answer");
                return;
            }

            await context.Response.WriteAsync("half");
            await written.MeetAsync();
            if (!byAbort)
            {
                throw new InvalidOperationException("the app's");
            }

            context.Abort();
        });
        server.Logs.Expect("ApplicationError");
        var connection = TestTransport.Open("C", isTcp: true);
        var other = FastCgiPackets.Get(2, "/wait");
        var begin = FastCgiPackets.Begin(2);
        server.Run(connection, others == "running" ? other : others == "begun" ? begin : []);
        var peer = new FastCgiPeer(connection);
        if (others == "running")
        {
            await inside.Reached;
        }

        await peer.SendAsync(FastCgiPackets.Get());
        await written.Reached;
        await peer.UntilAsync(() => peer.Records.Count > 0);
        written.Continue();
        if (others == "alone")
        {
            Assert.True(await peer.ReadToEndAsync());
            return;
        }

        var answer = await peer.AnswerAsync(1);
        Assert.False(answer.IsComplete);
        Assert.Equal("half", answer.Body);
        if (others == "begun")
        {
            await peer.SendAsync(other[begin.Length..]);
        }

        inside.Continue();
        Assert.Equal("the answer", (await peer.AnswerAsync(2)).Body);
        await peer.CloseAsync();
        Assert.Empty(peer.Records);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_abort_before_anything_has_left_is_a_500_where_the_connection_cannot_be_reset(bool written)
    {
        await using var server = FastCgiServer.Create(async context =>
        {
            if (written)
            {
                await context.Response.WriteAsync("never seen");
            }

            context.Abort();
        });
        var peer = new FastCgiPeer(server.Run(TestTransport.Open("C", isTcp: false), []));

        // The connection is there for the next one.
        for (var i = 0; i < 2; i++)
        {
            var answer = await peer.AskAsync(1, FastCgiPackets.Get());
            Assert.Equal(500, answer.Status);
            Assert.Equal("", answer.Body);
            Assert.True(answer.IsComplete);
        }

        await peer.CloseAsync();
        Assert.Empty(peer.Records);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_fails_behind_a_complete_answer_takes_nothing_of_it_back(bool byAbort)
    {
        await using var server = FastCgiServer.Create(async context =>
        {
            await context.Response.WriteAsync("all of it");
            await context.Response.CompleteAsync();
            if (!byAbort)
            {
                throw new InvalidOperationException("the app's");
            }

            context.Abort();
        });
        server.Logs.Expect("ApplicationError");
        var connection = TestTransport.Open("C", isTcp: true);
        server.Run(connection, []);
        var peer = new FastCgiPeer(connection);
        for (var i = 0; i < 20; i++)
        {
            var answer = await peer.AskAsync(1, FastCgiPackets.Get());
            Assert.Equal("all of it", answer.Body);
            Assert.True(answer.IsComplete);
        }

        await peer.CloseAsync();
        Assert.Empty(peer.Records);
    }

    [Fact]
    public async Task A_failure_that_the_server_did_not_expect_ends_the_connection_though_it_waits_at_a_bound()
    {
        var inside = new SyncPoint();
        await using var server = FastCgiServer.Create(_ => inside.MeetAsync());
        server.Application.Disposed = (_, _) => throw new NotSupportedException("hosting's");
        server.Logs.Expect("UnexpectedError");
        var peer = server.Open(FastCgiPackets.PostHead(1, 10_000_000));
        await inside.Reached;
        for (var i = 0; i < 40; i++)
        {
            await peer.SendAsync(FastCgiPackets.Stdin(1, new string('x', 60_000)));
        }

        inside.Continue();
        await peer.Connection.Execution.Within();
        Assert.True(peer.Connection.IsAborted);
    }
}
