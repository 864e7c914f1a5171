using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.FastCgi;

/// <summary>An upgrade over FastCGI: the client's bytes come in FCGI_STDIN and the app's go in FCGI_STDOUT, until either side ends.</summary>
public class FastCgiUpgradeTests
{
    private const int Bound = 1024 * 1024;
    private static readonly (string Name, string Value) Front = ("SERVER_SOFTWARE", "lighttpd/1.4.86");

    // As the client frames them (RFC 6455, section 5.2), with a mask that changes nothing.
    private static readonly byte[] ClientText = [0x81, 0x85, 0, 0, 0, 0, .. "hello"u8];
    private static readonly byte[] ClientClose = [0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8];

    // As the server does, without one.
    private static readonly byte[] ServerText = [0x81, 0x05, .. "hello"u8];
    private static readonly byte[] ServerClose = [0x88, 0x02, 0x03, 0xE8];

    [Fact]
    public async Task A_WebSocket_echoes_and_the_client_closes_first()
    {
        await using var server = FastCgiServer.Create(async context =>
        {
            using var socket = await AcceptAsync(context);
            var buffer = new byte[100];
            while (await socket.ReceiveAsync(buffer, CancellationToken.None) is { MessageType: not WebSocketMessageType.Close } received)
            {
                await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, CancellationToken.None);
            }

            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        });
        var peer = server.Open(LighttpdsRequest());
        var head = await ContentAsync(peer);
        Assert.StartsWith("Status: 101 Switching Protocols\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: Upgrade\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nUpgrade: websocket\r\n", head, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n", head, StringComparison.Ordinal);

        await peer.SendAsync(Stdin(ClientText));
        Assert.Equal(ServerText, Encoding.Latin1.GetBytes(await ContentAsync(peer)));

        await peer.SendAsync(Stdin(ClientClose));
        peer.Connection.EndInput();
        Assert.False(await peer.ReadToEndAsync());
        var rest = await peer.AnswerAsync(1);
        Assert.True(rest.IsComplete);
        Assert.Equal(ServerClose, rest.Response.Bytes);
        AssertNothingWentWrong(server);
    }

    [Fact]
    public async Task A_WebSocket_echoes_and_the_server_closes_first()
    {
        await using var server = FastCgiServer.Create(async context =>
        {
            using var socket = await AcceptAsync(context);
            var buffer = new byte[100];
            var received = await socket.ReceiveAsync(buffer, CancellationToken.None);
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, CancellationToken.None);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            Assert.Equal(WebSocketState.Closed, socket.State);
        });
        var peer = server.Open(LighttpdsRequest(), Stdin(ClientText));
        await peer.UntilAsync(() => peer.Records.LastOrDefault()?.Content.AsSpan().EndsWith(ServerClose) == true);
        await peer.SendAsync(Stdin(ClientClose));
        var answer = await peer.AnswerAsync(1);
        Assert.True(answer.IsComplete);
        Assert.Equal([.. ServerText, .. ServerClose], Encoding.Latin1.GetBytes(answer.Body));

        // lighttpd ends its side when it has seen the end of the request.
        await peer.CloseAsync();
        Assert.Empty(peer.Records);
        AssertNothingWentWrong(server);
    }

    [Fact]
    public async Task The_end_of_the_request_leaves_with_that_of_the_stream_in_one_write()
    {
        await using var server = FastCgiServer.Create(async context => _ = await UpgradeAsync(context));
        var peer = server.Open(FastCgiPackets.Head(1, "GET", "/", true, Asking));
        Assert.True((await peer.AnswerAsync(1)).IsComplete);
        Assert.Equal(2, peer.Connection.Flushes.Count);
        Assert.Equal(8 + 16, peer.Connection.Flushes.Last());
        await peer.CloseAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_clients_end_ends_the_reads_and_not_the_writes(bool byStream)
    {
        await using var server = FastCgiServer.Create(async context =>
        {
            var stream = await UpgradeAsync(context);
            using var sink = new MemoryStream();
            await stream.CopyToAsync(sink);
            Assert.Equal(0, await stream.ReadAsync(new byte[1]));
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{sink.Length}"));
            Assert.False(context.RequestAborted.IsCancellationRequested);
        });
        var peer = server.Open(FastCgiPackets.Head(1, "GET", "/", false, Asking), FastCgiPackets.Stdin(1, "all of it"), byStream ? FastCgiPackets.StdinEnd() : []);
        if (!byStream)
        {
            peer.Connection.EndInput();
        }

        Assert.False(await peer.ReadToEndAsync());
        var answer = await peer.AnswerAsync(1);
        Assert.Equal("9", answer.Body);
        Assert.True(answer.IsComplete);
        AssertNothingWentWrong(server);
    }

    [Fact]
    public async Task A_connection_that_is_reset_is_no_end_in_order()
    {
        var reading = new SyncPoint();
        Exception? error = null;
        await using var server = FastCgiServer.Create(async context =>
        {
            var stream = await UpgradeAsync(context);
            _ = reading.MeetAsync();
            error = await Record.ExceptionAsync(() => stream.CopyToAsync(Stream.Null));
        });
        var peer = new FastCgiPeer(server.Run(TestTransport.Open("C", isTcp: true), FastCgiPackets.Head(1, "GET", "/", false, Asking)));
        await reading.Reached;
        peer.Connection.Reset();
        reading.Continue();
        await peer.Connection.Execution.Within();
        Assert.IsAssignableFrom<IOException>(error);
    }

    [Fact]
    public async Task An_abort_ends_reads_and_writes_of_that_request_alone()
    {
        var reading = new SyncPoint();
        List<Exception?> errors = [];
        await using var server = FastCgiServer.Create(async context =>
        {
            if (context.Request.Path == "/other")
            {
                await EchoAsync(context);
                return;
            }

            var aborted = new TaskCompletionSource();
            using var registration = context.RequestAborted.Register(aborted.SetResult);
            var stream = await UpgradeAsync(context);
            _ = reading.MeetAsync();
            errors.Add(await Record.ExceptionAsync(() => stream.CopyToAsync(Stream.Null)));
            await aborted.Task.Within();
            errors.Add(await Record.ExceptionAsync(async () => await stream.WriteAsync("for nobody"u8.ToArray())));
        });
        var peer = server.Open(FastCgiPackets.Head(1, "GET", "/", true, Asking), FastCgiPackets.Head(2, "GET", "/other", true, Asking));
        await reading.Reached;
        await peer.SendAsync(FastCgiPackets.Abort());
        reading.Continue();
        var answer = await peer.AnswerAsync(1);
        Assert.Equal(0, answer.ProtocolStatus);
        Assert.Equal("", answer.Body);
        Assert.All(errors, error => Assert.IsAssignableFrom<IOException>(error));
        Assert.Equal(2, errors.Count);

        await peer.SendAsync(FastCgiPackets.Stdin(2, "still here"), FastCgiPackets.StdinEnd(2));
        Assert.Equal("still here", (await peer.AnswerAsync(2)).Body);
        await peer.CloseAsync();
        Assert.Equal("PeerGone", Assert.Single(server.Meters.Of("uwsgi_protocol.aborted_requests"))["error.type"]);
    }

    [Fact]
    public async Task An_abort_by_the_app_ends_its_read_though_the_connection_goes_on()
    {
        var reading = new SyncPoint();
        await using var server = FastCgiServer.Create(async context =>
        {
            if (context.Request.Path == "/other")
            {
                return;
            }

            var stream = await UpgradeAsync(context);
            var read = stream.CopyToAsync(Stream.Null);
            await reading.MeetAsync();
            context.Abort();
            await Assert.ThrowsAsync<IOException>(() => read.Within());
        });
        var peer = new FastCgiPeer(server.Run(TestTransport.Open("C", isTcp: false), FastCgiPackets.Head(1, "GET", "/", true, Asking)));
        await reading.Reached;
        reading.Continue();
        Assert.False((await peer.AnswerAsync(1)).IsComplete);
        Assert.Equal(200, (await peer.AskAsync(1, FastCgiPackets.Get(1, "/other"))).Status);
        await peer.CloseAsync();
        Assert.Equal("AppAborted", Assert.Single(server.Meters.Of("uwsgi_protocol.aborted_requests"))["error.type"]);
    }

    [Fact]
    public async Task Upgraded_requests_of_one_connection_have_their_own_bytes()
    {
        const int Count = 8;
        await using var server = FastCgiServer.Create(EchoAsync);
        var peer = server.Open([.. Enumerable.Range(1, Count).Select(id => FastCgiPackets.Head(id, "GET", "/", true, Asking))]);
        for (var round = 0; round < 50; round++)
        {
            await peer.SendAsync([.. Enumerable.Range(1, Count).Select(id => FastCgiPackets.Stdin(id, $"{id}.{round} ", 3))]);
        }

        await peer.SendAsync([.. Enumerable.Range(1, Count).Select(id => FastCgiPackets.StdinEnd(id))]);
        for (var id = 1; id <= Count; id++)
        {
            var answer = await peer.AnswerAsync(id);
            Assert.Equal(string.Concat(Enumerable.Range(0, 50).Select(round => $"{id}.{round} ")), answer.Body);
            Assert.True(answer.IsComplete);
        }

        await peer.CloseAsync();
        AssertNothingWentWrong(server);
    }

    [Fact]
    public async Task An_app_that_does_not_read_stops_the_connection_at_its_bound_and_loses_nothing()
    {
        var inside = new SyncPoint();
        await using var server = FastCgiServer.Create(async context =>
        {
            var stream = await UpgradeAsync(context);
            await inside.MeetAsync();
            using var sink = new MemoryStream();
            await stream.CopyToAsync(sink);
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{sink.Length}"));
        });
        var piece = new string('x', 32 * 1024);
        var peer = server.Open(FastCgiPackets.Head(1, "GET", "/", true, Asking));
        await inside.Reached;
        var ask = FastCgiBytes.Record(FastCgiRecord.GetValues, 0, []);
        for (var sent = piece.Length; sent < Bound; sent += piece.Length)
        {
            await peer.SendAsync(FastCgiPackets.Stdin(1, piece), ask);
            _ = await peer.ManagementAsync();
        }

        // This one fills it: the question behind it is not taken before the app reads.
        await peer.SendAsync(FastCgiPackets.Stdin(1, piece), ask, FastCgiPackets.Stdin(1, piece), FastCgiPackets.StdinEnd());
        await Task.Yield();
        Assert.DoesNotContain(peer.Records, record => record.Id == 0);
        inside.Continue();
        Assert.Equal($"{Bound + piece.Length}", (await peer.AnswerAsync(1)).Body);
        _ = await peer.ManagementAsync();
        await peer.CloseAsync();
    }

    [Fact]
    public async Task A_client_that_does_not_read_makes_the_app_wait()
    {
        var written = 0;
        await using var server = FastCgiServer.Create(async context =>
        {
            var stream = await UpgradeAsync(context);
            for (var i = 0; i < 100; i++)
            {
                await stream.WriteAsync(new byte[10_000]);
                Interlocked.Increment(ref written);
            }
        });
        var peer = new FastCgiPeer(server.Connect(FastCgiPackets.Head(1, "GET", "/", true, Asking), maxUnreadOutput: 16 * 1024));
        await Eventually.TrueAsync(() => peer.Connection.Flushed > 16 * 1024);
        Assert.InRange(Volatile.Read(ref written), 0, 3);
        Assert.Equal(1_000_000, (await peer.AnswerAsync(1)).Body.Length);
        await peer.CloseAsync();
    }

    [Fact]
    public async Task An_offer_that_is_not_taken_is_a_request_like_any_other()
    {
        await using var server = FastCgiServer.Create(context => context.Response.WriteAsync("no"));
        var peer = server.Open(FastCgiPackets.Head(1, "GET", "/", true, Asking));
        var answer = await peer.AnswerAsync(1);
        Assert.Equal((200, "no"), (answer.Status, answer.Body));
        Assert.True(answer.IsComplete);

        // lighttpd ends the stream that it kept open when it has seen the head.
        await peer.SendAsync(FastCgiPackets.StdinEnd());
        Assert.Equal("no", (await peer.AskAsync(1, FastCgiPackets.Head(1, "GET", "/", true, Asking))).Body);
        await peer.CloseAsync();
    }

    [Fact]
    public async Task An_authorizer_is_not_upgraded()
    {
        await using var server = FastCgiServer.Create(context => context.Response.WriteAsync($"{context.Features.Get<IHttpUpgradeFeature>()!.IsUpgradableRequest}"));
        var peer = server.Open(FastCgiPackets.Begin(1, role: FastCgiPackets.Authorizer), FastCgiPackets.Params(1, FastCgiPackets.Pairs("GET", "/", Asking)));
        Assert.Equal("False", (await peer.AnswerAsync(1)).Body);
        await peer.CloseAsync();
    }

    private static (string Name, string Value)[] Asking => [Front, ("CONTENT_LENGTH", "0"), ("HTTP_UPGRADE", "websocket"), ("HTTP_CONNECTION", "Upgrade")];

    /// <summary>
    /// What lighttpd sent, in the words of a later one: mod_fastcgi of 1.4.74 and later sends the same, but for its version, and keeps the end
    /// of FCGI_STDIN back.
    /// </summary>
    private static byte[] LighttpdsRequest()
    {
        byte[] bytes = [.. FrontEndCapture.Get("lighttpd/fastcgi/u-ws__ws-status-client").Bytes];
        var version = bytes.AsSpan().IndexOf("lighttpd/1.4.69"u8);
        Encoding.ASCII.GetBytes(Front.Value, bytes.AsSpan(version));
        Assert.Equal(FastCgiPackets.StdinEnd(), bytes[^8..]);
        return bytes[..^8];
    }

    private static byte[] Stdin(byte[] content) => FastCgiBytes.Record(FastCgiRecord.Stdin, 1, content);

    /// <summary>The next content, which is a record.</summary>
    private static async Task<string> ContentAsync(FastCgiPeer peer)
    {
        await peer.UntilAsync(() => peer.Records.Count > 0);
        var record = Assert.Single(peer.Records);
        Assert.Equal(FastCgiRecord.Stdout, record.Type);
        return peer.Take(record).Text;
    }

    private static async Task<WebSocket> AcceptAsync(HttpContext context) =>
        WebSocket.CreateFromStream(await UpgradeAsync(context), new WebSocketCreationOptions { IsServer = true });

    private static Task<Stream> UpgradeAsync(HttpContext context)
    {
        context.Response.Headers.Upgrade = "websocket";
        return context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
    }

    private static async Task EchoAsync(HttpContext context)
    {
        var stream = await UpgradeAsync(context);
        await stream.CopyToAsync(stream);
    }

    private static void AssertNothingWentWrong(InMemoryServer server)
    {
        Assert.Equal(["Completed"], server.Ends);
        Assert.Empty(server.Meters.Measurements);
        Assert.DoesNotContain(server.Logs.Entries, entry => entry.Level > LogLevel.Debug);
    }
}
