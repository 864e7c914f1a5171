using System.Text;

namespace Uwsgi.Protocol.Wire.Tests;

public sealed class ResponseHeadWriterTests
{
    [Fact]
    public void A_status_line_is_written_for_uwsgi() =>
        Assert.Equal("HTTP/1.1 200 OK\r\n\r\n", Write(ResponseHeadStyle.StatusLine, 200, "OK"));

    [Fact]
    public void A_status_header_is_written_for_cgi() =>
        Assert.Equal("Status: 404 Not Found\r\n\r\n", Write(ResponseHeadStyle.StatusHeader, 404, "Not Found"));

    [Theory]
    [InlineData(ResponseHeadStyle.StatusLine, "HTTP/1.1 201 Created\r\nLocation: /ü\r\nX: y\r\n\r\n")]
    [InlineData(ResponseHeadStyle.StatusHeaderFirst, "Status: 201 Created\r\nLocation: /ü\r\nX: y\r\n\r\n")]
    [InlineData(ResponseHeadStyle.StatusHeader, "Location: /ü\r\nStatus: 201 Created\r\nX: y\r\n\r\n")]
    public void A_location_stands_before_a_status_header_because_HAProxy_makes_302_of_what_stands_before_it(ResponseHeadStyle style, string expected)
    {
        var output = new StingyBufferWriter();
        var writer = new ResponseHeadWriter(output, style, 201, "Created", "/ü", Encoding.UTF8);
        writer.WriteHeader("X", "y");
        writer.Complete();

        Assert.Equal(expected, Encoding.UTF8.GetString(output.ToArray()));
    }

    [Fact]
    public void Headers_are_a_line_each_in_their_order()
    {
        var output = new StingyBufferWriter();
        var writer = new ResponseHeadWriter(output, ResponseHeadStyle.StatusLine, 302, "Found");
        writer.WriteHeader("Location", "/a?b");
        writer.WriteHeader("Set-Cookie", "a=1");
        writer.WriteHeader("Set-Cookie", "b=2");
        writer.WriteHeader("X-Empty", "");
        writer.WriteNumber("Content-Length: "u8, long.MaxValue);
        writer.WriteNumber("X-Number: "u8, long.MinValue);
        writer.WriteLines("Date: now\r\n"u8);
        writer.Complete();

        Assert.Equal(
            "HTTP/1.1 302 Found\r\nLocation: /a?b\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Empty: \r\n"
            + "Content-Length: 9223372036854775807\r\nX-Number: -9223372036854775808\r\nDate: now\r\n\r\n",
            Encoding.ASCII.GetString(output.ToArray()));
    }

    [Fact]
    public void An_empty_reason_keeps_its_blank() =>
        Assert.Equal("HTTP/1.1 299 \r\n\r\n", Write(ResponseHeadStyle.StatusLine, 299, ""));

    [Theory]
    [InlineData(100)]
    [InlineData(999)]
    public void A_status_has_three_digits(int status) =>
        Assert.Equal($"HTTP/1.1 {status} X\r\n\r\n", Write(ResponseHeadStyle.StatusLine, status, "X"));

    [Theory]
    [InlineData(99)]
    [InlineData(1000)]
    [InlineData(0)]
    [InlineData(-200)]
    public void Any_other_status_is_refused(int status) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Write(ResponseHeadStyle.StatusLine, status, "X"));

    [Theory]
    [InlineData("\r")]
    [InlineData("\n")]
    [InlineData("\0")]
    [InlineData("a\r\nSet-Cookie: stolen=1")]
    [InlineData("a\r\n\r\n<script>")]
    [InlineData("\nx")]
    [InlineData("é\r")]
    public void A_line_break_or_a_NUL_splits_no_response(string text)
    {
        Assert.Throws<ArgumentException>(() => Write(ResponseHeadStyle.StatusLine, 200, text));
        foreach (var encoding in new[] { null, Encoding.Latin1, Encoding.UTF8 })
        {
            Assert.Throws<ArgumentException>(() => WriteHeader("X", text, encoding));
            Assert.Throws<ArgumentException>(() => WriteHeader("X" + text, "v", encoding));
        }
    }

    [Fact]
    public void What_was_refused_leaves_nothing_in_the_output()
    {
        var output = new StingyBufferWriter();
        Assert.Throws<ArgumentException>(() =>
        {
            var writer = new ResponseHeadWriter(output, ResponseHeadStyle.StatusLine, 200, "OK");
            writer.WriteHeader("X", "a\nb");
        });
        Assert.Empty(output.ToArray());
    }

    [Fact]
    public void No_character_becomes_a_line_break_or_a_NUL_in_any_encoding()
    {
        // UTF-16 is what nobody configures, and shows that it is the bytes that count: U+0A0D is a line break in it.
        foreach (var encoding in new[] { null, Encoding.ASCII, Encoding.Latin1, Encoding.UTF8, Encoding.Unicode })
        {
            for (var c = '\u0001'; c < '\uffff'; c++)
            {
                if (c is not ('\r' or '\n'))
                {
                    Assert.True(IsOneLineOrRefused(c, encoding), $"U+{(int)c:X4} in {encoding?.WebName}");
                }
            }
        }
    }

    [Fact]
    public void What_is_not_ascii_is_written_in_the_encoding_given()
    {
        Assert.Equal([.. "X: caf"u8, 0xE9], WriteHeader("X", "café", Encoding.Latin1));
        Assert.Equal("X: café"u8.ToArray(), WriteHeader("X", "café", Encoding.UTF8));
        Assert.Equal("X: caf?"u8.ToArray(), WriteHeader("X", "café", null));
    }

    [Fact]
    public void Names_and_reasons_are_ascii() =>
        Assert.Equal("X?: v"u8.ToArray(), WriteHeader("Xé", "v", Encoding.UTF8));

    [Fact]
    public void Headers_of_every_length_cross_the_end_of_a_span()
    {
        for (var length = 200; length < 300; length++)
        {
            var value = new string('v', length);
            Assert.Equal($"X: {value}", Encoding.ASCII.GetString(WriteHeader("X", value, null)));
        }

        var large = new string('v', 100_000);
        Assert.Equal($"X: {large}", Encoding.ASCII.GetString(WriteHeader("X", large, Encoding.UTF8)));
    }

    [Fact]
    public void A_number_may_cross_the_end_of_a_span()
    {
        for (var length = 180; length < 260; length++)
        {
            var output = new StingyBufferWriter();
            var writer = new ResponseHeadWriter(output, ResponseHeadStyle.StatusLine, 200, new string('r', length));
            writer.WriteNumber("N: "u8, 1234567890);
            writer.Complete();
            Assert.EndsWith("r\r\nN: 1234567890\r\n\r\n", Encoding.ASCII.GetString(output.ToArray()), StringComparison.Ordinal);
        }
    }

    private static bool IsOneLineOrRefused(char c, Encoding? encoding)
    {
        try
        {
            return !WriteHeader("X", c.ToString(), encoding).AsSpan().ContainsAny((byte)0, (byte)'\r', (byte)'\n');
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    private static string Write(ResponseHeadStyle style, int status, string reason)
    {
        var output = new StingyBufferWriter();
        new ResponseHeadWriter(output, style, status, reason).Complete();
        return Encoding.Latin1.GetString(output.ToArray());
    }

    /// <summary>The bytes of one header's line, without its line break.</summary>
    private static byte[] WriteHeader(string name, string value, Encoding? encoding)
    {
        var output = new StingyBufferWriter();
        var writer = new ResponseHeadWriter(output, ResponseHeadStyle.StatusLine, 200, "OK");
        writer.WriteHeader(name, value, encoding);
        writer.Complete();
        return output.ToArray()["HTTP/1.1 200 OK\r\n".Length..^4];
    }
}
