using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.FastCgi;

/// <summary>Bad input: what it costs its sender, and that it costs nobody else anything.</summary>
public class FastCgiRefusalTests
{
    /// <summary>Params that are no pairs.</summary>
    public static TheoryData<string, byte[]> MalformedParams => new()
    {
        { "NameLengthTruncated", [0x80, 0, 0] },
        { "ValueLengthTruncated", [1] },
        { "ValueLengthTruncated", [1, 0xFF, 0xFF, 0xFF] },
        { "NameTruncated", [5, 0, (byte)'a'] },
        { "NameTruncated", [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, (byte)'a'] },
        { "NameTruncated", [0xFF, 0xFF, 0xFF, 0xFE, 0, (byte)'a'] },
        { "ValueTruncated", [1, 0xFF, 0xFF, 0xFF, 0xFF, (byte)'a'] },
        { "ValueTruncated", [1, 2, (byte)'a', (byte)'b'] },
        { "EmptyName", [0, 0] },
        { "EmptyName", [0, 1, (byte)'a'] },
    };

    [Theory]
    [MemberData(nameof(MalformedParams))]
    [Trait("Guards", "the lengths of names and values")]
    public async Task Malformed_params_are_a_bad_request_and_the_others_go_on(string error, byte[] pairs)
    {
        var inside = new SyncPoint();
        await using var server = FastCgiServer.Create(context => context.Request.Path == "/wait" ? inside.MeetAsync() : Task.CompletedTask);
        var peer = server.Open(FastCgiPackets.Get(1, "/wait"));
        await inside.Reached;
        byte[][] blocks = [pairs, [.. FastCgiPackets.Pairs("GET", "/"), .. pairs]];
        foreach (var block in blocks)
        {
            var answer = await peer.AskAsync(2, WireBytes.Concat(FastCgiPackets.Begin(2), FastCgiPackets.Params(2, block), FastCgiPackets.StdinEnd(2)));
            Assert.Equal(400, answer.Status);
            Assert.True(answer.IsComplete);
        }

        Assert.Equal(200, (await peer.AskAsync(2, FastCgiPackets.Get(2))).Status);
        inside.Continue();
        Assert.Equal(200, (await peer.AnswerAsync(1)).Status);
        await peer.CloseAsync();
        Assert.All(server.Meters.Of("uwsgi_protocol.rejected_requests"), measured => Assert.Equal((error, "fastcgi"), (measured["error.type"], measured["network.protocol.name"])));
        Assert.DoesNotContain(server.Logs.Entries, entry => entry.Level > LogLevel.Debug);
    }

    [Theory]
    [InlineData("REQUEST_METHOD", "")]
    [InlineData("REQUEST_URI", "/a\0b")]
    [InlineData("HTTP_X", "a\r\nb")]
    [InlineData("HTTP_HOST", "a b")]
    public async Task Variables_that_make_no_request_are_a_bad_request(string name, string value)
    {
        await using var server = NewServer();
        var peer = server.Open();
        Assert.Equal(400, (await peer.AskAsync(1, FastCgiPackets.Get(1, "/", true, (name, value)))).Status);
        Assert.Equal(200, (await peer.AskAsync(1, FastCgiPackets.Get())).Status);
        await peer.CloseAsync();
    }

    [Fact]
    public async Task A_request_without_params_is_a_bad_request()
    {
        await using var server = NewServer();
        var peer = server.Open();
        Assert.Equal(400, (await peer.AskAsync(1, WireBytes.Concat(FastCgiPackets.Begin(), FastCgiPackets.ParamsEnd(), FastCgiPackets.StdinEnd()))).Status);
        await peer.CloseAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_begin_for_an_id_in_use_ends_the_connection(bool isInApp)
    {
        var inside = new SyncPoint();
        CancellationToken token = default;
        await using var server = FastCgiServer.Create(context =>
        {
            token = context.RequestAborted;
            return inside.MeetAsync();
        });
        var peer = server.Open(isInApp ? FastCgiPackets.Get() : FastCgiPackets.Begin());
        if (isInApp)
        {
            await inside.Reached;
        }

        await peer.SendAsync(FastCgiPackets.Begin());
        await peer.Connection.Aborted.Within();
        inside.Continue();
        Assert.True(await peer.ReadToEndAsync());
        if (isInApp)
        {
            await Eventually.TrueAsync(() => token.IsCancellationRequested);
        }

        Assert.Equal(["Malformed"], server.Ends);
        Assert.Contains(new("error.type", "RequestIdInUse"), peer.Connection.Tags);
        Assert.DoesNotContain(server.Logs.Entries, entry => entry.Level > LogLevel.Debug);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(9)]
    public async Task A_begin_that_is_not_8_bytes_long_ends_the_connection(int length)
    {
        await using var server = NewServer();
        var peer = server.Open(FastCgiBytes.Record(FastCgiRecord.BeginRequest, 1, new byte[length]));
        Assert.True(await peer.ReadToEndAsync());
        Assert.Contains(new("error.type", "InvalidBeginRequest"), peer.Connection.Tags);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(255)]
    public async Task Another_version_ends_the_connection_at_its_start_and_later(byte version)
    {
        await using var server = NewServer();
        byte[] other = [version, .. FastCgiPackets.Get()[1..]];
        var peer = server.Open(other);
        Assert.True(await peer.ReadToEndAsync());
        Assert.Empty(peer.Records);
        var later = server.Open();
        _ = await later.AskAsync(1, FastCgiPackets.Get());
        await later.SendAsync(other);
        Assert.True(await later.ReadToEndAsync());
        Assert.All(server.Meters.Of("uwsgi_protocol.rejected_requests"), measured => Assert.Equal("UnsupportedVersion", measured["error.type"]));
        Assert.Equal(["Malformed", "Malformed"], server.Ends);
    }

    [Fact]
    public async Task Records_of_requests_that_never_were_or_have_ended_are_passed_over()
    {
        await using var server = NewServer();
        var dead = WireBytes.Concat(
            FastCgiPackets.Stdin(9, "dead"),
            FastCgiPackets.StdinEnd(9),
            FastCgiPackets.Params(9, FastCgiPackets.Pairs("GET", "/")),
            FastCgiPackets.Abort(9),
            FastCgiBytes.Record(FastCgiRecord.Data, 9, [1]));
        var peer = server.Open(dead, FastCgiPackets.Get(9));
        Assert.True((await peer.AnswerAsync(9)).IsComplete);
        await peer.SendAsync(dead);
        Assert.True((await peer.AskAsync(9, FastCgiPackets.Get(9))).IsComplete);
        await peer.CloseAsync();
        Assert.Empty(peer.Records);
    }

    [Fact]
    public async Task Params_behind_their_end_are_passed_over()
    {
        var inside = new SyncPoint();
        await using var server = FastCgiServer.Create(async context =>
        {
            await inside.MeetAsync();
            await context.Response.WriteAsync($"{context.Request.Path} {context.Request.Headers["X-Late"]}");
        });
        var peer = server.Open(FastCgiPackets.Head(1, "POST", "/a"));
        await inside.Reached;
        await peer.SendAsync(
            FastCgiPackets.Params(1, FastCgiPackets.Pairs("GET", "/b", ("HTTP_X_LATE", "late"))),
            FastCgiPackets.Stdin(1, "x"),
            FastCgiPackets.Params(1, FastCgiPackets.Pairs("GET", "/c")),
            FastCgiPackets.StdinEnd());
        inside.Continue();
        Assert.Equal("/a ", (await peer.AnswerAsync(1)).Body);
        await peer.CloseAsync();
        Assert.Empty(peer.Records);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("POST /a HTTP/1.0\r\n\r\n")]
    public async Task An_http_request_is_told_in_http_that_it_came_to_the_wrong_port(string request)
    {
        await using var server = NewServer();
        var received = await server.AskAndCloseAsync(Encoding.ASCII.GetBytes(request));
        Assert.Equal("HTTP/1.1 400 Bad Request", received.StatusLine);
        Assert.Contains("fastcgi_pass, not proxy_pass", received.Body, StringComparison.Ordinal);
        Assert.Equal("HttpRequest", Assert.Single(server.Meters.Of("uwsgi_protocol.rejected_requests"))["error.type"]);
    }

    [Fact]
    public async Task A_tls_handshake_ends_the_connection_without_a_byte()
    {
        await using var server = NewServer();
        Assert.Empty((await server.AskAsync([0x16, 0x03, 0x01, 0x02, 0x00, 0x01])).Bytes);
        Assert.Equal("TlsHandshake", Assert.Single(server.Meters.Of("uwsgi_protocol.rejected_requests"))["error.type"]);
    }

    [Theory]
    [InlineData(GatewayProtocol.Uwsgi)]
    [InlineData(GatewayProtocol.Scgi)]
    public async Task The_other_protocols_do_not_take_a_record_for_a_request(GatewayProtocol protocol)
    {
        var calls = 0;
        await using var server = new InMemory.InMemoryServer(_ =>
        {
            calls++;
            return Task.CompletedTask;
        })
        {
            Protocol = protocol,
        };
        _ = await server.AskAndCloseAsync(FastCgiPackets.Get());
        Assert.Equal(0, calls);
        Assert.DoesNotContain(server.Logs.Entries, entry => entry.Level > LogLevel.Debug);
    }

    [Fact]
    public async Task A_refused_request_is_not_seen_by_the_next()
    {
        await using var server = FastCgiServer.Create(context => context.Response.WriteAsync(context.Request.Headers["X-Marker"].ToString() + "."));
        var peer = server.Open();
        Assert.Equal(400, (await peer.AskAsync(1, FastCgiPackets.Get(1, "/", true, ("HTTP_X_MARKER", "seen"), ("HTTP_X", "\0")))).Status);
        Assert.Equal(".", (await peer.AskAsync(1, FastCgiPackets.Get())).Body);
        await peer.CloseAsync();
    }

    private static InMemory.InMemoryServer NewServer() => FastCgiServer.Create(static _ => Task.CompletedTask);
}
