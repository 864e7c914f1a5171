using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Connections;

/// <summary>What comes to an SCGI port and never reaches the app, and what its sender is told.</summary>
public class ScgiRefusalTests
{
    [Theory]
    [InlineData("+70:")]
    [InlineData("-70:")]
    [InlineData("-1:x,")]
    [InlineData(" 70:")]
    [InlineData("70 :")]
    [InlineData("070:")]
    [InlineData("00:,")]
    [InlineData("7_0:")]
    [InlineData("0x46:")]
    [InlineData("7.0:")]
    [InlineData(":xxx,")]
    [InlineData("70;x")]
    [InlineData("\r\n70:")]
    [InlineData("\u0660\u0661:")]
    [Trait("Guards", "a netstring's length is digits and nothing else")]
    public async Task A_length_that_is_no_clean_number_is_a_bad_request(string start)
    {
        await AssertRefusedAsync(Encoding.UTF8.GetBytes(start), 400, "InvalidNetstringLength");
    }

    [Theory]
    [InlineData("262145:")]
    [InlineData("2147483648:")]
    [InlineData("4294967366:")]
    [InlineData("1000000000000:")]
    [InlineData("18446744073709551686:")]
    [InlineData("99999999999999999999999999")]
    [Trait("Guards", "limits of a request's head")]
    public async Task A_length_beyond_the_limit_is_refused_before_anything_of_it_has_come(string start)
    {
        await AssertRefusedAsync(Encoding.ASCII.GetBytes(start), 431, "PacketTooLarge");
    }

    [Theory]
    [InlineData("0:,", "InvalidMethod")]
    [InlineData("0:;", "MissingNetstringComma")]
    [InlineData("4:A\0B\0;", "MissingNetstringComma")]
    [InlineData("4:A\0B\0C", "MissingNetstringComma")]
    [InlineData("4:A\0B\0\0", "MissingNetstringComma")]
    [InlineData("1:A,", "UnterminatedName")]
    [InlineData("5:A\0B\0C,", "UnterminatedName")]
    [InlineData("3:A\0B,", "UnterminatedValue")]
    [InlineData("2:A\0,", "MissingValue")]
    [InlineData("6:A\0B\0C\0,", "MissingValue")]
    [InlineData("1:\0,", "EmptyName")]
    [InlineData("2:\0\0,", "EmptyName")]
    [InlineData("3:\0B\0,", "EmptyName")]
    [InlineData("6:A\0B\0\0\0,", "EmptyName")]
    public async Task Headers_that_do_not_come_in_pairs_are_a_bad_request(string request, string error)
    {
        await AssertRefusedAsync(Encoding.ASCII.GetBytes(request), 400, error);
    }

    [Fact]
    public async Task A_comma_that_is_missing_is_noticed_wherever_the_request_is_split()
    {
        await using var server = NewServer();
        var request = server.Requests.Get();
        request[^1] = (byte)';';
        for (var at = 1; at < request.Length; at++)
        {
            var connection = server.Connect(request[..at]);
            await connection.SendAsync(request.AsMemory(at));
            connection.EndInput();
            Assert.Equal(400, (await connection.ReadToEndAsync()).Status);
        }
    }

    [Fact]
    [Trait("Guards", "limits of a request's head")]
    public async Task Headers_of_16_MB_are_served_when_that_is_the_limit()
    {
        const int Limit = 16 * 1024 * 1024;
        await using var server = NewServer(options => options.Limits.MaxRequestVariablesSize = Limit);
        Assert.Equal(200, (await server.AskAndCloseAsync(OfSize(Limit))).Status);
        Assert.Throws<ArgumentOutOfRangeException>(() => server.Options.Limits.MaxRequestVariablesSize = Limit + 1);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("POST /a HTTP/1.0\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    public async Task An_http_request_is_told_in_http_that_it_came_to_the_wrong_port_however_it_is_split(string request)
    {
        await using var server = NewServer();
        for (var at = 0; at < request.Length; at++)
        {
            var connection = server.Connect(Encoding.ASCII.GetBytes(request[..at]));
            await connection.SendAsync(Encoding.ASCII.GetBytes(request[at..]));
            connection.EndInput();
            var received = await connection.ReadToEndAsync();
            Assert.Equal("HTTP/1.1 400 Bad Request", received.StatusLine);
            Assert.Equal("text/plain", received["Content-Type"]);
            Assert.Contains("SCGI (nginx: scgi_pass, not proxy_pass)", received.Body, StringComparison.Ordinal);
        }

        Assert.All(server.Meters.Of("uwsgi_protocol.rejected_requests"), rejected => Assert.Equal("HttpRequest", rejected["error.type"]));
    }

    [Theory]
    [InlineData("G")]
    [InlineData("GE")]
    [InlineData("GET")]
    [InlineData("\u0016\u0003\u0001")]
    public async Task What_ends_before_it_can_be_told_is_not_answered(string start)
    {
        await AssertRefusedAsync(Encoding.ASCII.GetBytes(start), 0, "UnexpectedEnd");
    }

    [Fact]
    public async Task A_tls_handshake_closes_the_connection_without_a_byte()
    {
        await AssertRefusedAsync([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03], 0, "TlsHandshake");
    }

    [Theory]
    [InlineData(100)]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(18)]
    public async Task The_bytes_that_are_modifiers_of_uwsgi_mean_nothing(byte modifier1)
    {
        await using var server = NewServer();
        var request = WireBytes.Packet(("REQUEST_METHOD", "GET"));
        request[0] = modifier1;
        Assert.Equal("Status: 400 Bad Request", (await server.AskAndCloseAsync(request)).StatusLine);
        Assert.Equal(0, server.Meters.Sum("uwsgi_protocol.pings"));
        Assert.Equal("InvalidNetstringLength", Assert.Single(server.Meters.Of("uwsgi_protocol.rejected_requests"))["error.type"]);
    }

    private static InMemoryServer NewServer(Action<UwsgiProtocolOptions>? configure = null) =>
        new(static _ => Task.CompletedTask, configure) { Protocol = GatewayProtocol.Scgi };

    /// <summary>The answer comes whether or not more would follow; where there is none to give, the end of the input is waited for.</summary>
    private static async Task AssertRefusedAsync(byte[] request, int status, string error)
    {
        await using var server = NewServer();
        var connection = server.Connect(request);
        if (status == 0)
        {
            connection.EndInput();
        }
        else
        {
            var start = Encoding.ASCII.GetBytes($"Status: {status.ToString(CultureInfo.InvariantCulture)} ");
            Assert.StartsWith(Encoding.ASCII.GetString(start), Encoding.ASCII.GetString(await connection.ReadAsync(start.Length)), StringComparison.Ordinal);
            connection.EndInput();
        }

        var rest = await connection.ReadToEndAsync();
        Assert.Empty(rest.Bytes);
        Assert.Equal(error, Assert.Single(server.Meters.Of("uwsgi_protocol.rejected_requests"))["error.type"]);
        Assert.Equal("scgi", Assert.Single(server.Meters.Of("uwsgi_protocol.rejected_requests"))["network.protocol.name"]);
        Assert.Equal(LogLevel.Debug, Assert.Single(server.Logs.Of("RequestRefused")).Level);
    }

    /// <summary>A request whose headers have exactly so many bytes.</summary>
    private static byte[] OfSize(int size)
    {
        var usual = ScgiBytes.Headers(("CONTENT_LENGTH", "0"), ("SCGI", "1"), ("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/"));
        var padding = ScgiBytes.Headers(("X", new string('v', size - usual.Length - "X\0\0".Length)));
        return ScgiBytes.Netstring([.. usual, .. padding]);
    }
}
