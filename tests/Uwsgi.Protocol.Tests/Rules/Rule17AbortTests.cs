using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.FastCgi;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rule 17: who is told that nobody waits any more, and that a half-close is no reason to tear down.</summary>
public class Rule17AbortTests
{
    [Theory]
    [EveryProtocol(false)]
    [EveryProtocol(true)]
    public async Task RequestAborted_fires_when_the_peer_is_gone(GatewayProtocol protocol, bool byReset)
    {
        var fired = new TaskCompletionSource();
        var inside = new SyncPoint();
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            using var registration = context.RequestAborted.Register(fired.SetResult);
            await inside.MeetAsync();
            context.RequestAborted.ThrowIfCancellationRequested();
        });
        var connection = server.Connect(server.Requests.Get());
        await inside.Reached;
        Assert.False(fired.Task.IsCompleted);
        if (byReset)
        {
            connection.Reset();
        }
        else
        {
            connection.EndInput();
        }

        await fired.Task.Within();
        inside.Continue();
        await connection.Execution.Within();
        Assert.Single(server.Logs.Of("RequestAborted"));
        Assert.DoesNotContain(server.Logs.Entries, entry => entry.Level > LogLevel.Debug);
        Assert.Equal("PeerGone", Assert.Single(server.Meters.Of("uwsgi_protocol.aborted_requests"))["error.type"]);
    }

    [Theory]
    [EveryProtocol(PeerHalfClose.Auto, "nginx/1.22.1", true)]
    [EveryProtocol(PeerHalfClose.Auto, "lighttpd/1.4.69", false)]
    [EveryProtocol(PeerHalfClose.Aborts, "lighttpd/1.4.69", true)]
    [EveryProtocol(PeerHalfClose.Ignored, "nginx/1.22.1", false)]
    public async Task A_half_close_means_what_the_option_says_and_the_answer_is_still_sent(GatewayProtocol protocol, PeerHalfClose mode, string software, bool aborts)
    {
        var inside = new SyncPoint();
        var token = CancellationToken.None;
        await using var server = InMemoryServer.Of(
            protocol,
            async context =>
            {
                token = context.RequestAborted;
                await inside.MeetAsync();
                await context.Response.WriteAsync("the answer");
            },
            options => options.HalfClose = mode);
        var connection = server.Connect(server.Requests.Get("/", ("SERVER_SOFTWARE", software)));
        await inside.Reached;
        connection.EndInput();
        if (aborts)
        {
            await Eventually.TrueAsync(() => token.IsCancellationRequested);
        }

        inside.Continue();
        var received = server.Requests.Answer(await connection.ReadToEndAsync());
        Assert.Equal("the answer", received.Body);
        Assert.False(received.IsReset);
        Assert.Equal(aborts, token.IsCancellationRequested);
    }

    [Theory]
    [EveryProtocol]
    public async Task A_peer_that_no_longer_takes_the_response_is_noticed_at_the_next_write(GatewayProtocol protocol)
    {
        var inside = new SyncPoint();
        await using var server = InMemoryServer.Of(
            protocol,
            async context =>
            {
                var token = context.RequestAborted;
                await context.Response.WriteAsync("first");
                await inside.MeetAsync();
                while (!token.IsCancellationRequested)
                {
                    await context.Response.WriteAsync("more");
                    await Task.Yield();
                }

                // Writes go nowhere now, and do not fail.
                await context.Response.WriteAsync("nobody");
                await context.Response.Body.FlushAsync();
            },
            options => options.HalfClose = PeerHalfClose.Ignored);
        var connection = server.Run(TestTransport.Open("C", isTcp: true), server.Requests.Get());
        await inside.Reached;
        _ = await connection.ReadAsync(1);
        connection.Reset();
        inside.Continue();
        await connection.Execution.Within();
        Assert.Equal(["PeerGone"], server.Ends);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FCGI_ABORT_REQUEST_fires_the_token_and_the_request_has_its_end_when_the_app_has(bool hasBegun)
    {
        var inside = new SyncPoint();
        await using var server = FastCgiServer.Create(async context =>
        {
            if (context.Request.Path == "/other")
            {
                return;
            }

            if (hasBegun)
            {
                await context.Response.WriteAsync("half");
            }

            var aborted = new TaskCompletionSource();
            using var registration = context.RequestAborted.Register(aborted.SetResult);
            _ = inside.MeetAsync();
            await aborted.Task.Within();
            await context.Response.WriteAsync("for nobody");
            context.RequestAborted.ThrowIfCancellationRequested();
        });
        var peer = server.Open(FastCgiPackets.Get());
        await inside.Reached;
        await peer.SendAsync(FastCgiPackets.Abort(), FastCgiPackets.Abort());
        var answer = await peer.AnswerAsync(1);
        Assert.Equal(0, answer.ProtocolStatus);
        Assert.DoesNotContain("for nobody", answer.Response.Text, StringComparison.Ordinal);
        Assert.Equal(200, (await peer.AskAsync(1, FastCgiPackets.Get(1, "/other"))).Status);
        inside.Continue();
        await peer.CloseAsync();
        Assert.Empty(peer.Records);
        Assert.Equal("PeerGone", Assert.Single(server.Meters.Of("uwsgi_protocol.aborted_requests"))["error.type"]);
        Assert.DoesNotContain(server.Logs.Entries, entry => entry.Level > LogLevel.Debug);
    }

    [Fact]
    public async Task FCGI_ABORT_REQUEST_in_a_body_is_an_error_to_its_reader()
    {
        Exception? error = null;
        await using var server = FastCgiServer.Create(async context =>
        {
            try
            {
                await context.Request.Body.CopyToAsync(Stream.Null);
            }
            catch (Exception e)
            {
                error = e;
                throw;
            }
        });
        var peer = server.Open(FastCgiPackets.PostHead(1, 100), FastCgiPackets.Stdin(1, "half"), FastCgiPackets.Abort());
        Assert.Equal(0, (await peer.AnswerAsync(1)).ProtocolStatus);
        Assert.IsType<Microsoft.AspNetCore.Http.BadHttpRequestException>(error);
        await peer.CloseAsync();
    }
}
