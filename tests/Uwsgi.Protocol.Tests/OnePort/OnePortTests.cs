using System.Buffers;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.FastCgi;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.OnePort;

/// <summary>A port for all protocols: bytes in, bytes out.</summary>
public class OnePortTests
{
    private const string HttpAnswer = "HTTP/1.1 204 No Content\r\n\r\n";
    private static readonly byte[] HttpRequest = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray();
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    public static TheoryData<string> Names => [.. RequestsByName().Keys];

    [Theory, MemberData(nameof(Names))]
    public async Task Each_protocol_is_told_a_byte_at_a_time(string name)
    {
        await using var server = NewServer();
        var connection = TestTransport.Open(name, isLockstep: true);
        connection.Transport = new PipePair(new ForwardPipeReader(connection.Transport.Input), connection.Transport.Output);
        server.Run(connection, []);
        var (request, answer) = RequestsByName()[name];
        foreach (var one in request[..^1])
        {
            await connection.SendAsync(new[] { one }).Within();
        }

        await AssertAnsweredAsync(connection, request.AsMemory(request.Length - 1), answer);
    }

    [Theory, MemberData(nameof(Names))]
    public async Task Each_protocol_is_told_wherever_its_first_bytes_are_split(string name)
    {
        await using var server = NewServer();
        var (request, answer) = RequestsByName()[name];
        for (var at = 0; at <= 8; at++)
        {
            var connection = server.Run(TestTransport.Open($"{name} {at}", isLockstep: true), []);
            await connection.SendAsync(request.AsMemory(0, at)).Within();
            await AssertAnsweredAsync(connection, request.AsMemory(at), answer);
        }
    }

    [Theory]
    [InlineData("uwsgi")]
    [InlineData("SCGI")]
    [InlineData("FastCGI")]
    [Trait("Guards", "a connection's protocol is what its peer speaks")]
    public async Task Metrics_and_logs_are_those_of_the_protocol_that_was_told(string name)
    {
        await using var server = NewServer();
        var connection = server.Connect(RequestsByName()[name].Request);
        _ = await connection.ReadToEndAsync();
        await connection.Execution.Within();
        Assert.Equal(new("network.protocol.name", name.ToLowerInvariant()), Assert.Single(connection.Tags));
        Assert.Equal(["Completed"], server.Ends);
    }

    [Fact]
    public async Task What_is_handed_to_http_is_https_to_tell_of()
    {
        await using var server = NewServer();
        var connection = server.Connect(HttpRequest);
        Assert.Equal(204, (await connection.ReadToEndAsync()).Status);
        await connection.Execution.Within();
        Assert.Empty(connection.Tags);
        Assert.Empty(server.Logs.Entries);
        Assert.Empty(server.Meters.Measurements);
    }

    [Fact]
    public async Task What_http_throws_is_not_taken_for_a_mistake_of_this_server()
    {
        await using var server = new InMemoryServer(Echo) { Protocol = GatewayProtocol.Any, Http = static _ => throw new InvalidOperationException("http") };
        var connection = server.Connect(HttpRequest);
        _ = await connection.ReadToEndAsync();
        Assert.Equal("http", (await Assert.ThrowsAsync<InvalidOperationException>(() => connection.Execution.Within())).Message);
        Assert.Empty(server.Logs.Entries);
        connection.Run(static _ => Task.CompletedTask);
    }

    [Fact]
    public async Task A_ping_is_answered()
    {
        await using var server = NewServer();
        Assert.Equal([100, 0, 0, 1], (await server.AskAsync([100, 0, 0, 0])).Bytes);
        Assert.Equal(1, server.Meters.Sum("uwsgi_protocol.pings"));
    }

    [Theory]
    [InlineData(17)]
    [InlineData(72)]
    [InlineData(110)]
    [InlineData(128)]
    [InlineData(255)]
    [Trait("Guards", "garbage")]
    public async Task What_is_of_no_protocol_is_refused_as_uwsgi_with_an_unknown_modifier(byte first)
    {
        await using var server = NewServer();
        Assert.Empty((await server.AskAsync([first, 0, 1, 2])).Bytes);
        var refused = Assert.Single(server.Logs.Of("RequestRefused"));
        Assert.Equal(LogLevel.Debug, refused.Level);
        Assert.Contains($"modifier1 {first} is not available", refused.Message, StringComparison.Ordinal);
        Assert.Equal("UnsupportedModifier", Assert.Single(server.Meters.Of("uwsgi_protocol.rejected_requests"))["error.type"]);
        Assert.Equal(["Malformed"], server.Ends);
    }

    [Fact]
    [Trait("Guards", "a TLS handshake is refused by name")]
    public async Task A_tls_handshake_is_refused_and_the_log_says_what_to_do()
    {
        await using var server = NewServer();
        var connection = server.Connect([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03]);
        Assert.Empty((await connection.ReadToEndAsync()).Bytes);
        await connection.Execution.Within();
        var refused = Assert.Single(server.Logs.Of("RequestRefused"));
        Assert.Equal(LogLevel.Debug, refused.Level);
        Assert.Contains("listen.UseHttps(), before listen.UseGateway()", refused.Message, StringComparison.Ordinal);
        var rejected = Assert.Single(server.Meters.Of("uwsgi_protocol.rejected_requests"));
        Assert.Equal(("gateway", "TlsHandshake"), (rejected["network.protocol.name"], rejected["error.type"]));
        Assert.Equal([new("network.protocol.name", "gateway"), new("error.type", "TlsHandshake")], connection.Tags);
    }

    [Theory]
    [InlineData("G")]
    [InlineData("GET")]
    [InlineData("d")]
    [InlineData("\u0016")]
    public async Task An_end_before_it_is_told_is_not_answered(string start)
    {
        await using var server = NewServer();
        Assert.Empty((await server.AskAndCloseAsync(Encoding.ASCII.GetBytes(start))).Bytes);
        var rejected = Assert.Single(server.Meters.Of("uwsgi_protocol.rejected_requests"));
        Assert.Equal(("gateway", "UnexpectedEnd"), (rejected["network.protocol.name"], rejected["error.type"]));
        Assert.Equal(["Malformed"], server.Ends);
    }

    [Theory]
    [InlineData("\0")]
    [InlineData("\u0001")]
    [InlineData("7")]
    public async Task An_end_after_the_byte_that_tells_is_the_protocols_own(string start)
    {
        await using var server = NewServer();
        Assert.Empty((await server.AskAndCloseAsync(Encoding.ASCII.GetBytes(start))).Bytes);
        var rejected = Assert.Single(server.Meters.Of("uwsgi_protocol.rejected_requests"));
        Assert.Equal("UnexpectedEnd", rejected["error.type"]);
        Assert.NotEqual("gateway", rejected["network.protocol.name"]);
    }

    [Fact]
    public async Task An_end_without_a_byte_is_none_of_anybodys_business()
    {
        await using var server = NewServer();
        Assert.Empty((await server.AskAndCloseAsync([])).Bytes);
        Assert.Equal(["ClosedBeforeRequest"], server.Ends);
        Assert.Empty(server.Meters.Measurements);
    }

    [Theory]
    [InlineData("", "IdleTimeout", "gateway")]
    [InlineData("GE", "RequestHeadTimeout", "gateway")]
    [InlineData("\u0016", "RequestHeadTimeout", "gateway")]
    [InlineData("\0\u0010", "RequestHeadTimeout", "uwsgi")]
    [InlineData("70:CON", "RequestHeadTimeout", "scgi")]
    [InlineData("\u0001\u0001\0", "RequestHeadTimeout", "fastcgi")]
    [Trait("Guards", "slow peers")]
    public async Task Silence_ends_the_connection_in_its_time(string start, string reason, string protocol)
    {
        await using var server = NewServer();
        server.Options.Limits.IdleTimeout = TimeSpan.FromSeconds(60);
        server.Options.Limits.RequestHeadTimeout = TimeSpan.FromSeconds(10);
        var connection = server.Connect(Encoding.ASCII.GetBytes(start));
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        server.Time.Advance(TimeSpan.FromSeconds(reason == "IdleTimeout" ? 60 : 10) - Tick);
        Assert.False(connection.IsAborted);
        await server.LetTimePassUntilEndOf(connection);
        Assert.Empty((await connection.ReadToEndAsync()).Bytes);
        Assert.Contains($"Limits.{reason}", Assert.Single(server.Logs.Of("TimedOut")).Message, StringComparison.Ordinal);
        var rejected = Assert.Single(server.Meters.Of("uwsgi_protocol.rejected_requests"));
        Assert.Equal((protocol, reason), (rejected["network.protocol.name"], rejected["error.type"]));
    }

    [Fact]
    [Trait("Guards", "slow peers")]
    public async Task A_byte_at_a_time_keeps_nothing_undecided_alive()
    {
        await using var server = NewServer();
        server.Options.Limits.RequestHeadTimeout = TimeSpan.FromSeconds(10);
        var connection = server.Run(TestTransport.Open("slow", isLockstep: true), []);
        await connection.SendAsync("G"u8.ToArray());
        await Eventually.TrueAsync(() => connection.IsLookedAt);
        server.Time.Advance(TimeSpan.FromSeconds(5));
        await connection.SendAsync("E"u8.ToArray());
        await Eventually.TrueAsync(() => connection.IsLookedAt);
        server.Time.Advance(TimeSpan.FromSeconds(5) + Tick);
        Assert.True((await connection.ReadToEndAsync()).IsReset);
        await connection.Execution.Within();
        Assert.Equal(["RequestHeadTimeout"], server.Ends);
    }

    [Fact]
    public async Task A_stop_ends_a_connection_without_a_byte_and_waits_for_one_with()
    {
        await using var server = NewServer();
        var idle = server.Run(TestTransport.Open("idle", isLockstep: true), []);
        var begun = server.Run(TestTransport.Open("begun", isLockstep: true), []);
        await begun.SendAsync(HttpRequest.AsMemory(0, 1));
        await Eventually.TrueAsync(() => server.Time.HasTimers);
        idle.RequestClose();
        begun.RequestClose();
        await idle.Execution.Within();
        Assert.Equal(["Stopping"], server.Ends);
        await begun.SendAsync(HttpRequest.AsMemory(1));
        Assert.Equal(204, (await begun.ReadToEndAsync()).Status);
    }

    [Theory, MemberData(nameof(Names))]
    [Trait("Guards", "who may connect")]
    public async Task Who_is_not_on_the_list_speaks_no_protocol_at_all(string name)
    {
        await using var server = NewServer();
        server.Options.AllowedNetworks.Add("192.0.2.0/24");
        var connection = server.Run(TestTransport.Open(name, isTcp: true), RequestsByName()[name].Request);
        var received = await connection.ReadToEndAsync();
        await connection.Execution.Within();
        Assert.Empty(received.Bytes);
        Assert.True(received.IsReset);
        Assert.Equal(["PeerNotAllowed"], server.Ends);
    }

    private static InMemoryServer NewServer() => new(Echo) { Protocol = GatewayProtocol.Any, Http = ServeHttpAsync };

    private static Task Echo(HttpContext context) => context.Response.WriteAsync($"by {context.Features.Get<IGatewayRequestFeature>()!.Protocol}");

    private static Dictionary<string, (byte[] Request, string Answer)> RequestsByName() => new()
    {
        ["uwsgi"] = (new RequestBytes(GatewayProtocol.Uwsgi).Get(), "by Uwsgi"),
        ["SCGI"] = (new RequestBytes(GatewayProtocol.Scgi).Get(), "by Scgi"),
        ["FastCGI"] = (FastCgiPackets.Get(keep: false), "by FastCgi"),
        ["HTTP"] = (HttpRequest, HttpAnswer),
    };

    /// <summary>Sends the rest of a request; by FastCGI the answer may come before the end of the body that there is not.</summary>
    private static async Task AssertAnsweredAsync(TestConnection connection, ReadOnlyMemory<byte> rest, string answer)
    {
        var sending = connection.SendAsync(rest);
        var text = "";
        while (!text.Contains(answer, StringComparison.Ordinal))
        {
            var more = await connection.ReadAsync(1);
            Assert.True(more.Length > 0, $"All that came: {text}");
            text += Encoding.Latin1.GetString(more);
        }

        connection.EndInput();
        await connection.Execution.Within();
        await sending.Within();
    }

    /// <summary>In the place of Kestrel's own HTTP: must find every byte from the first on, and those that told without waiting for more.</summary>
    private static async Task ServeHttpAsync(ConnectionContext connection)
    {
        var input = connection.Transport.Input;
        var first = input.ReadAsync();
        Assert.True(first.IsCompleted, "The bytes that told are not there at once.");
        var result = await first;
        while (result.Buffer.Length < HttpRequest.Length)
        {
            Assert.True(HttpRequest.AsSpan().StartsWith(result.Buffer.ToArray()));
            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            result = await input.ReadAsync();
        }

        Assert.Equal(HttpRequest, result.Buffer.ToArray());
        input.AdvanceTo(result.Buffer.End);
        _ = await connection.Transport.Output.WriteAsync(Encoding.ASCII.GetBytes(HttpAnswer));
    }
}
