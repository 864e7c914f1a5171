using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Connections;
using Uwsgi.Protocol.Tests.FastCgi;
using Uwsgi.Protocol.Tests.Hosting;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rule 16: the answer is out first, then the connection is half-closed and read on for a while: to close with unread input would take the answer away.</summary>
[Collection(nameof(OneAtATime))]
public class Rule16LingerTests
{
    private const int BodySize = 3 * 1024 * 1024;

    public static TheoryData<GatewayProtocol, string, bool, bool> UnreadBodies()
    {
        var data = new TheoryData<GatewayProtocol, string, bool, bool>();
        foreach (var transport in (string[])["tcp", "unix", "tcp, Kestrel's transport", "unix, Kestrel's transport", "kestrel tcp", "kestrel unix"])
        {
            foreach (var hasLength in (bool[])[true, false])
            {
                foreach (var isFlushedEarly in (bool[])[true, false])
                {
                    data.Add(GatewayProtocol.Uwsgi, transport, hasLength, isFlushedEarly);
                }
            }
        }

        foreach (var transport in (string[])["tcp", "unix", "tcp, Kestrel's transport", "unix, Kestrel's transport"])
        {
            data.Add(GatewayProtocol.Scgi, transport, true, false);
            data.Add(GatewayProtocol.FastCgi, transport, true, false);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(UnreadBodies))]
    public async Task A_peer_that_sends_a_body_nobody_reads_gets_the_whole_answer(GatewayProtocol protocol, string transport, bool hasLength, bool isFlushedEarly)
    {
        var content = new string('r', 100_000);
        await using var app = await SocketEndTests.StartAsync(transport, async context =>
        {
            context.Response.ContentLength = hasLength ? content.Length : null;
            if (isFlushedEarly)
            {
                await context.Response.StartAsync();
                await context.Response.Body.FlushAsync();
                await Task.Delay(1);
            }

            await context.Response.WriteAsync(content);
        }, protocol: protocol);
        var requests = new RequestBytes(protocol);
        var chunk = requests.Body(new string('x', 64 * 1024 - 8));
        await Parallel.ForAsync(0, 50, new ParallelOptions { MaxDegreeOfParallelism = 10 }, async (i, _) =>
        {
            // It sends all of its body whatever happens, as Caddy does, or stops at the first byte of an answer and waits for the end, as nginx does.
            var stopsSending = i % 2 == 1;
            using var peer = await SocketPeer.ConnectAsync(app.EndPointOf(protocol));
            await peer.SendAsync(requests.PostHead(BodySize));
            using var stop = new CancellationTokenSource();
            var sending = SendBodyAsync(peer, protocol == GatewayProtocol.FastCgi ? chunk[..^8] : chunk, stop.Token);
            var first = await peer.ReadAsync(1);
            if (stopsSending)
            {
                await stop.CancelAsync();
            }

            var rest = await peer.ReadToEndAsync();
            var received = requests.Answer(new Received([.. first, .. rest.Bytes], rest.IsReset));
            Assert.Equal(200, received.Status);
            Assert.Equal(content.Length, received.Body.Length);
            Assert.False(received.IsReset);
            await sending.Within();
        });
    }

    [Theory]
    [EveryProtocol("tcp")]
    [EveryProtocol("tcp, Kestrel's transport")]
    [EveryProtocol("unix")]
    public async Task A_peer_that_sends_nothing_is_lingered_for_no_longer_than_the_linger_timeout(GatewayProtocol protocol, string transport)
    {
        var time = new ManualTimeProvider();
        await using var app = await SocketEndTests.StartAsync(
            transport,
            static _ => Task.CompletedTask,
            builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(time);
                builder.WebHost.UseUwsgiProtocol(options => options.Limits.LingerTime = TimeSpan.FromHours(1));
            },
            protocol);

        // The answer is there before any time has passed.
        using var peer = await SocketPeer.ConnectAsync(app.EndPointOf(protocol));
        await peer.SendAsync(new RequestBytes(protocol).PostHead(BodySize));
        Assert.Equal(200, new RequestBytes(protocol).Answer(await peer.ReadToEndAsync()).Status);

        // The time begins a moment later.
        var quarters = 0;
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(250));
            quarters++;
            return app.Logs.Of("ConnectionEnded").Any();
        });
        Assert.True(quarters >= 20, $"{quarters / 4} s");
    }

    [Theory]
    [EveryProtocol("tcp")]
    [EveryProtocol("unix")]
    public async Task A_peer_that_goes_on_sending_is_lingered_for_no_longer_than_the_linger_time(GatewayProtocol protocol, string transport)
    {
        var time = new ManualTimeProvider();
        Socket? server = null;
        await using var app = await SocketEndTests.StartAsync(
            transport,
            context =>
            {
                server = context.Features.Get<IConnectionSocketFeature>()!.Socket;
                return Task.CompletedTask;
            },
            builder => builder.Services.AddSingleton<TimeProvider>(time),
            protocol);
        using var peer = await SocketPeer.ConnectAsync(app.EndPointOf(protocol));
        await peer.SendAsync(new RequestBytes(protocol).PostHead(BodySize));
        Assert.Equal(200, new RequestBytes(protocol).Answer(await peer.ReadToEndAsync()).Status);
        var quarters = 0;

        // Of the body: what makes no sense would end a FastCGI connection that is still being read.
        var piece = protocol == GatewayProtocol.FastCgi ? FastCgiPackets.Stdin(1, "xx") : new byte[10];
        await Eventually.TrueAsync(() =>
        {
            try
            {
                peer.Socket.Send(piece);
                SpinWait.SpinUntil(() => server!.Available == 0, 100);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It is over.
            }

            // What was sent is with the server: now it has a while to look at it.
            Thread.Sleep(6);
            time.Advance(TimeSpan.FromMilliseconds(250));
            quarters++;
            return app.Logs.Of("ConnectionEnded").Any();
        });
        Assert.True(quarters >= 120, $"{quarters / 4} s");
    }

    [Theory]
    [EveryProtocol(false, false)]
    [EveryProtocol(false, true)]
    [EveryProtocol(true, false)]
    [EveryProtocol(true, true)]
    public async Task RequestAborted_does_not_fire_when_the_peer_goes_that_has_the_whole_response(GatewayProtocol protocol, bool byCompleteAsync, bool isAskedLate)
    {
        var inside = new SyncPoint();
        CancellationToken token = default;
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            token = isAskedLate ? default : context.RequestAborted;
            await CompleteResponseTests.RespondAsync(context, byCompleteAsync);
            await inside.MeetAsync();
            token = isAskedLate ? context.RequestAborted : token;
            await Task.WhenAny(Task.Delay(50), Task.Delay(Timeout.Infinite, token));
            token.ThrowIfCancellationRequested();
        });
        var connection = server.Connect(server.Requests.Get());
        await inside.Reached;
        await Eventually.TrueAsync(() => connection.Flushed > 0);
        connection.EndInput();
        inside.Continue();
        var received = server.Requests.Answer(await connection.ReadToEndAsync());
        Assert.Equal("hello", received.Body);
        Assert.False(received.IsReset);
        await connection.Execution.Within();
        Assert.False(token.IsCancellationRequested);
        Assert.Equal(["Completed"], server.Ends);
        Assert.DoesNotContain(server.Logs.Entries, entry => entry.Level > LogLevel.Debug);
    }

    private static async Task SendBodyAsync(SocketPeer peer, byte[] chunk, CancellationToken stop)
    {
        try
        {
            for (var sent = 0; sent < BodySize && !stop.IsCancellationRequested; sent += chunk.Length)
            {
                await peer.SendAsync(chunk);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The server has closed behind its answer.
        }
    }
}
