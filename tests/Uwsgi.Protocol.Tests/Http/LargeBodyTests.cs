using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.FastCgi;
using Uwsgi.Protocol.Tests.InMemory;
using Uwsgi.Protocol.Tests.Rules;

namespace Uwsgi.Protocol.Tests.Http;

/// <summary>Bodies that are sent from where they are, where there is a socket to send them to: files, and memory of the app's.</summary>
public sealed class LargeBodyTests : IDisposable
{
    // More than all buffers on the way hold.
    private const int Much = 8 * 1024 * 1024;
    private const int MaxUnread = 64 * 1024;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [EveryProtocol(0, null, 1_000_000)]
    [EveryProtocol(10, null, 999_990)]
    [EveryProtocol(999_999, null, 1)]
    [EveryProtocol(5, 7, 7)]
    [EveryProtocol(100_000, 400_001, 400_001)]
    [EveryProtocol(1_000_000, null, 0)]
    [EveryProtocol(3, 0, 0)]
    public async Task A_file_is_sent(GatewayProtocol protocol, int offset, int? count, int expected)
    {
        var (path, content) = Create(1_000_000);
        await using var server = InMemoryServer.Of(protocol, context => context.Response.SendFileAsync(path, offset, count));
        var received = server.Requests.Answer(await server.AskAsync(server.Requests.Get()));
        Assert.Equal(200, received.Status);
        AssertSame(content.AsSpan(offset, expected).ToArray(), Body(received));
    }

    [Theory]
    [EveryProtocol]
    public async Task A_file_stands_between_what_the_app_writes_around_it(GatewayProtocol protocol)
    {
        var (path, content) = Create(200_000);
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            context.Response.ContentLength = 6 + content.Length + 5;
            await context.Response.WriteAsync("before");
            await context.Response.SendFileAsync(path);
            await context.Response.WriteAsync("after");
        });
        var received = server.Requests.Answer(await server.AskAsync(server.Requests.Get()));
        AssertSame([.. "before"u8, .. content, .. "after"u8], Body(received));
    }

    [Theory]
    [EveryProtocol(false)]
    [EveryProtocol(true)]
    public async Task A_reader_that_takes_its_time_gets_all_of_it(GatewayProtocol protocol, bool isFile)
    {
        var (path, content) = Create(Much);
        await using var server = InMemoryServer.Of(protocol, context => SendAsync(context, isFile ? path : null, content));
        var connection = server.Connect(server.Requests.Get(), MaxUnread);
        await Eventually.TrueAsync(() => connection.IsBehind);
        var received = server.Requests.Answer(await connection.ReadToEndAsync());
        AssertSame(content, Body(received));
    }

    [Theory]
    [EveryProtocol]
    public async Task Memory_of_the_app_is_sent_without_a_copy(GatewayProtocol protocol)
    {
        var content = Pattern(Much);
        await using var server = InMemoryServer.Of(protocol, context => SendAsync(context, path: null, content));
        var connection = server.Connect(server.Requests.Get(), MaxUnread);

        // A flush waits: nothing is being written any more.
        await Eventually.TrueAsync(() => connection.IsBehind && connection.Unflushed == 0);

        // Pipes copy what they get: there the app's change comes too late.
        var change = connection is IDirectConnection ? 0xFF : 0;
        byte[] expected = [.. content.AsSpan(0, Much - 1), (byte)(content[^1] ^ change)];
        content[^1] ^= 0xFF;
        AssertSame(expected, Body(server.Requests.Answer(await connection.ReadToEndAsync())));
    }

    [Theory]
    [EveryProtocol]
    public async Task What_an_app_writes_without_waiting_comes_in_its_order(GatewayProtocol protocol)
    {
        var content = Pattern(300_000);
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            await context.Response.StartAsync();
            var first = context.Response.Body.WriteAsync(content.AsMemory()).AsTask();
            var second = context.Response.Body.WriteAsync(content.AsMemory(0, 100_000)).AsTask();
            var third = context.Response.WriteAsync("end");
            await Task.WhenAll(first, second, third);
        });
        var connection = server.Connect(server.Requests.Get(), MaxUnread);
        await Eventually.TrueAsync(() => connection.IsBehind);
        AssertSame([.. content, .. content.AsSpan(0, 100_000), .. "end"u8], Body(server.Requests.Answer(await connection.ReadToEndAsync())));
    }

    [Theory]
    [EveryProtocol(false)]
    [EveryProtocol(true)]
    public async Task A_file_that_becomes_shorter_while_it_is_sent_ends_in_a_way_that_can_be_seen(GatewayProtocol protocol, bool fillsUp)
    {
        var (path, _) = Create(Much);
        var hasFailed = new TaskCompletionSource<bool>();
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            context.Response.ContentLength = Much;
            try
            {
                await context.Response.SendFileAsync(path);
                hasFailed.SetResult(false);
            }
            catch (IOException)
            {
                // An app that does not care, or has something else to send: the front end learns of it all the same.
                var filling = new byte[512];
                for (var i = 0; fillsUp && i < Much / 2 / filling.Length; i++)
                {
                    await context.Response.Body.WriteAsync(filling);
                }

                hasFailed.SetResult(true);
            }
        });
        var connection = server.Run(TestTransport.Open("C", MaxUnread, isTcp: true), server.Requests.Get());
        await Eventually.TrueAsync(() => connection.IsBehind);
        server.Logs.Expect("ResponseTooShort");
        using (var file = File.OpenHandle(path, access: FileAccess.Write, share: FileShare.ReadWrite))
        {
            RandomAccess.SetLength(file, Much / 2);
        }

        var received = await connection.ReadToEndAsync();
        await connection.Execution.Within();
        Assert.Equal(connection is IDirectConnection, await hasFailed.Task.Within());
        Assert.True(received.IsReset || connection.IsAborted);
        Assert.InRange(received.Bytes.Length, 0, Much - 1);
        Assert.Single(server.Meters.Of("uwsgi_protocol.aborted_requests"));
    }

    [Theory]
    [EveryProtocol(false)]
    [EveryProtocol(true)]
    public async Task A_token_ends_it_while_the_reader_stalls(GatewayProtocol protocol, bool isFile)
    {
        var (path, content) = Create(Much);
        using var canceling = new CancellationTokenSource();
        var canceled = new TaskCompletionSource();
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            try
            {
                await SendAsync(context, isFile ? path : null, content, canceling.Token);
            }
            catch (OperationCanceledException)
            {
                canceled.SetResult();
                throw;
            }
        });
        var connection = server.Run(TestTransport.Open("C", MaxUnread, isTcp: true), server.Requests.Get());
        await Eventually.TrueAsync(() => connection.IsBehind);
        await canceling.CancelAsync();
        await canceled.Task.Within();
        _ = await connection.ReadToEndAsync();
        await connection.Execution.Within();
        Assert.Equal("WriteCanceled", Assert.Single(server.Meters.Of("uwsgi_protocol.aborted_requests"))["error.type"]);
    }

    [Theory]
    [EveryProtocol]
    public async Task A_reader_that_goes_away_ends_it(GatewayProtocol protocol)
    {
        var (path, _) = Create(Much);
        var aborted = new TaskCompletionSource();
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            context.RequestAborted.Register(aborted.SetResult);
            await context.Response.SendFileAsync(path);
        });
        var connection = server.Connect(server.Requests.Get(), MaxUnread);
        await Eventually.TrueAsync(() => connection.IsBehind);
        connection.Reset();
        await connection.Execution.Within();
        await aborted.Task.Within();
    }

    [Theory]
    [EveryProtocol]
    public async Task A_file_longer_than_what_was_announced_is_not_begun(GatewayProtocol protocol)
    {
        var (path, _) = Create(100_000);
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            context.Response.ContentLength = 99_999;
            await Assert.ThrowsAsync<InvalidOperationException>(() => context.Response.SendFileAsync(path));

            // By pipes it comes in pieces, and only the last one is too much.
            if (context.Features.Get<IConnectionSocketFeature>() is null)
            {
                context.Abort();
                return;
            }

            await context.Response.SendFileAsync(path, 1, null);
        });
        await using var other = InMemoryServer.Of(protocol, context => context.Response.SendFileAsync(path, 0, 100_001));
        var connection = server.Connect(server.Requests.Get());
        var received = await connection.ReadToEndAsync();
        Assert.Equal(connection is IDirectConnection, received.Bytes.Length > 99_999);
        other.Logs.Expect("ApplicationError");
        Assert.Equal(500, other.Requests.Answer(await other.AskAsync(other.Requests.Get())).Status);
    }

    [Theory]
    [EveryProtocol]
    public async Task To_HEAD_no_byte_of_a_file_is_sent(GatewayProtocol protocol)
    {
        var (path, _) = Create(1_000_000);
        await using var server = InMemoryServer.Of(protocol, context =>
        {
            context.Response.ContentLength = 1_000_000;
            return context.Response.SendFileAsync(path);
        });
        var received = server.Requests.Answer(await server.AskAsync([.. server.Requests.Request("HEAD", "/"), .. server.Requests.Body("")]));
        Assert.Equal(("1000000", ""), (received["Content-Length"], received.Body));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Requests_beside_it_on_a_FastCGI_connection_have_their_turns_and_no_record_is_torn(bool isFile)
    {
        var (path, content) = Create(Much);
        await using var server = FastCgiServer.Create(context => context.Request.Path == "/large"
            ? SendAsync(context, isFile ? path : null, content)
            : context.Response.WriteAsync(context.Request.Path));
        var peer = new FastCgiPeer(server.Connect(FastCgiPackets.Get(1, "/large"), MaxUnread));
        await Eventually.TrueAsync(() => peer.Connection.IsBehind);
        for (var id = 2; id <= 9; id++)
        {
            await peer.SendAsync(FastCgiPackets.Get(id, $"/{id}"));
        }

        for (var id = 2; id <= 9; id++)
        {
            var answer = await peer.AnswerAsync(id);
            Assert.True(answer.IsComplete);
            Assert.Equal($"/{id}", answer.Body);
        }

        // None of them has waited for its end.
        Assert.DoesNotContain(peer.Records, record => record.Type == FastCgiRecord.EndRequest);
        var large = await peer.AnswerAsync(1);
        Assert.True(large.IsComplete);
        AssertSame(content, Body(large.Response));
        Assert.Equal("/again", (await peer.AskAsync(1, FastCgiPackets.Get(1, "/again"))).Body);
        await peer.CloseAsync();
    }

    private static Task SendAsync(HttpContext context, string? path, byte[] content, CancellationToken cancellationToken = default)
    {
        context.Response.ContentLength = content.Length;
        return path is null
            ? context.Response.Body.WriteAsync(content, cancellationToken).AsTask()
            : context.Response.SendFileAsync(path, 0, null, cancellationToken);
    }

    private static byte[] Body(Received received) => received.Bytes[(received.Head.Length + 4)..];

    private static void AssertSame(byte[] expected, byte[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.True(expected.AsSpan().SequenceEqual(actual));
    }

    private static byte[] Pattern(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    private (string Path, byte[] Content) Create(int length)
    {
        var content = Pattern(length);
        File.WriteAllBytes(_directory["file"], content);
        return (_directory["file"], content);
    }
}
