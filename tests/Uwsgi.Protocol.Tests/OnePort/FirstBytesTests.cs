using System.Buffers;
using System.Text;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Tests.OnePort;

/// <summary>Which bytes tell which protocol, and how few do.</summary>
public class FirstBytesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(11)]
    [InlineData(14)]
    [InlineData(15)]
    [InlineData(30)]
    public void A_modifier_of_an_application_is_uwsgis_by_itself(byte modifier1)
    {
        Assert.True(UwsgiModifier1.IsRequest(modifier1));
        AssertTold(GatewayProtocol.Uwsgi, 1, [modifier1, (byte)'G', (byte)'E', (byte)'T']);
    }

    [Fact]
    public void A_ping_is_uwsgis_though_its_modifier_is_a_letter() => AssertTold(GatewayProtocol.Uwsgi, 2, WireBytes.Header(UwsgiModifier1.Ping, 0, 0));

    [Theory]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(127)]
    [InlineData(173)]
    [InlineData(255)]
    public void What_is_nobody_elses_is_uwsgis_by_itself(byte modifier1) => AssertTold(GatewayProtocol.Uwsgi, 1, WireBytes.Header(modifier1, 20, 0));

    [Theory]
    [InlineData(33)]
    [InlineData(72)]
    [InlineData(73)]
    [InlineData(74)]
    [InlineData(95)]
    [InlineData(99)]
    [InlineData(110)]
    [InlineData(111)]
    [InlineData(122)]
    public void A_modifier_that_is_a_character_of_a_token_is_told_by_what_follows(byte modifier1)
    {
        AssertTold(GatewayProtocol.Uwsgi, 2, WireBytes.Header(modifier1, 0x0100, 0));
        AssertTold(GatewayProtocol.Uwsgi, 3, WireBytes.Header(modifier1, 'A', 0));
        AssertTold(GatewayProtocol.Uwsgi, 4, WireBytes.Header(modifier1, 'A' | ('B' << 8), 0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(0)]
    [InlineData(255)]
    public void A_version_of_1_is_fastcgis_whatever_the_record(byte type) => AssertTold(GatewayProtocol.FastCgi, 1, FastCgiBytes.Header(type, 1, 8));

    [Theory]
    [InlineData("70:C")]
    [InlineData("9999")]
    [InlineData("0:, ")]
    [InlineData("5\0\0\0")]
    [InlineData("5GET")]
    public void A_digit_is_scgis(string start) => AssertTold(GatewayProtocol.Scgi, 1, Encoding.ASCII.GetBytes(start));

    [Theory]
    [InlineData("GET / HTTP/1.1", 4)]
    [InlineData("POST / HTTP/1.1", 4)]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 4)]
    [InlineData("HTTP/1.1 200 OK", 4)]
    [InlineData("OPTIONS * HTTP/1.1", 4)]
    [InlineData("M-SEARCH * HTTP/1.1", 4)]
    [InlineData("get / HTTP/1.1", 4)]
    [InlineData("delete / HTTP/1.1", 4)]
    [InlineData("!x~ / HTTP/1.1", 4)]
    [InlineData("DO / HTTP/1.1", 3)]
    [InlineData("X / HTTP/1.1", 2)]
    [InlineData("\r\nGET / HTTP/1.1", 1)]
    [InlineData("\nGET / HTTP/1.1", 1)]
    public void A_method_is_https_and_so_is_the_line_break_before_it(string start, int count) => AssertTold(null, count, Encoding.ASCII.GetBytes(start));

    [Theory]
    [InlineData("GET\tx", 4)]
    [InlineData("G(T ", 2)]
    [InlineData(" GET ", 1)]
    [InlineData("{\"a\"", 1)]
    [InlineData("GE\0 ", 3)]
    public void What_is_no_method_is_not_https(string start, int count) => AssertTold(GatewayProtocol.Uwsgi, count, Encoding.ASCII.GetBytes(start));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public void A_handshake_of_TLS_is_refused_at_its_second_byte(byte minor)
    {
        Assert.False(FirstBytes.TryTell(new ReadOnlySequence<byte>([0x16]), out _));
        foreach (var (_, bytes) in Segments.EveryShapeOf([0x16, 3, minor, 2, 0, 1]))
        {
            var exception = Assert.Throws<WireFormatException>(() => FirstBytes.TryTell(bytes, out _));
            Assert.Equal(WireError.TlsHandshake, exception.Error);
        }

        AssertTold(GatewayProtocol.Uwsgi, 2, [0x16, 2, 0, 0]);
    }

    [Fact]
    public void Four_bytes_tell_whatever_they_are()
    {
        var random = new Random(20260102);
        var bytes = new byte[FirstBytes.Size];
        for (var i = 0; i < 100_000; i++)
        {
            random.NextBytes(bytes);
            bytes[0] = (byte)i;
            Assert.True(bytes is [0x16, 3, ..] || FirstBytes.TryTell(new ReadOnlySequence<byte>(bytes), out _), Convert.ToHexString(bytes));
        }
    }

    [Fact]
    public void No_byte_tells_nothing() => Assert.False(FirstBytes.TryTell(default, out _));

    /// <summary>Told by so many bytes and not by one less, in whatever pieces; and what follows makes no difference.</summary>
    private static void AssertTold(GatewayProtocol? expected, int count, byte[] bytes)
    {
        for (var length = 1; length <= bytes.Length; length++)
        {
            foreach (var (shape, start) in Segments.EveryShapeOf(bytes[..length]))
            {
                Assert.True(length >= count == FirstBytes.TryTell(start, out var protocol), $"{length} bytes, {shape}");
                Assert.True(length < count || protocol == expected, $"{length} bytes, {shape}: {protocol}");
            }
        }
    }
}
