using System.Buffers;
using System.Text;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

public sealed class ResponseHeadReaderTests
{
    [Theory]
    [InlineData("HTTP/1.1 404 Not Found\r\nX: a\r\nY:b\r\n\r\n")]
    [InlineData("HTTP/1.0 404 Not Found\nX: a\nY:b\n\n")]
    [InlineData("Status: 404 Not Found\r\nX: a\r\nY:b\r\n\r\n")]
    [InlineData("X:\ta \r\nstatus:404  Not Found\r\nY: \t b\t\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\r\nStatus: 404 Not Found\r\nY: b\r\n\r\n")]
    public void A_head_reads_the_same_in_either_style_and_every_shape(string text)
    {
        foreach (var (shape, bytes) in Segments.EveryShapeOf(Encoding.ASCII.GetBytes(text + "body\r\n\r\n")))
        {
            var buffer = bytes;
            Assert.True(ResponseHeadReader.TryRead(ref buffer, 1000, out var head), shape);
            Assert.Equal((404, "Not Found"), (head.StatusCode, head.ReasonPhrase));
            Assert.Equal("X=a;Y=b", string.Join(';', head.Headers.Select(header => $"{header.Key}={header.Value}")));
            Assert.True("body\r\n\r\n" == Encoding.ASCII.GetString(buffer), shape);
        }
    }

    [Fact]
    public void Every_proper_prefix_asks_for_more_and_takes_nothing()
    {
        foreach (var prefix in Segments.EveryProperPrefixOf("HTTP/1.1 200 OK\r\nX: a\r\nLocation: /\r\n\r\n"u8))
        {
            foreach (var bytes in new[] { new ReadOnlySequence<byte>(prefix), Segments.ByteWise(prefix) })
            {
                var buffer = bytes;
                Assert.False(ResponseHeadReader.TryRead(ref buffer, 1000, out var head));
                Assert.Null(head);
                Assert.Equal(bytes.Start, buffer.Start);
            }
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 200\r\n\r\n", 200, "")]
    [InlineData("HTTP/1.1 200 \r\n\r\n", 200, "")]
    [InlineData("HTTP/2 299 A b  c\r\n\r\n", 299, "A b  c")]
    [InlineData("Status: 503\r\n\r\n", 503, "")]
    [InlineData("Content-Type: text/plain\r\n\r\n", 200, "OK")]
    [InlineData("Location: /x\r\n\r\n", 302, "Found")]
    [InlineData("location:/x\n\n", 302, "Found")]
    [InlineData("HTTP/1.1 201 Created\r\nLocation: /x\r\n\r\n", 201, "Created")]
    [InlineData("Location: /x\r\nStatus: 201 Created\r\n\r\n", 201, "Created")]
    [InlineData("\r\n", 200, "OK")]
    [InlineData("\n", 200, "OK")]
    public void A_status_is_found_or_made_as_front_ends_do(string text, int status, string reason)
    {
        var head = Read(text);
        Assert.Equal((status, reason), (head.StatusCode, head.ReasonPhrase));
    }

    [Fact]
    public void Repeated_headers_are_kept_apart() =>
        Assert.Equal(["a=1", "b=2"], Read("Set-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n").Headers.Select(header => header.Value));

    [Fact]
    public void Bytes_of_a_value_are_characters_of_latin1() =>
        Assert.Equal("caf\u00E9", ReadBytes([.. "X: caf"u8, 0xE9, .. "\n\n"u8]).Headers[0].Value);

    [Theory]
    [InlineData("HTTP/1.1\r\n\r\n")]
    [InlineData("HTTP/1.1 \r\n\r\n")]
    [InlineData("HTTP/1.1 20\r\n\r\n")]
    [InlineData("HTTP/1.1 2000 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 099 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 abc OK\r\n\r\n")]
    [InlineData("HTTP/1.1  200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200OK\r\n\r\n")]
    [InlineData("HTTP/1.1 -20 OK\r\n\r\n")]
    [InlineData("Status:\r\n\r\n")]
    [InlineData("Status: OK\r\n\r\n")]
    [InlineData("Status: +20\r\n\r\n")]
    public void A_malformed_status_is_refused(string text) => Refused.With(WireError.InvalidStatus, () => Read(text), text);

    [Theory]
    [InlineData("no colon\r\n\r\n")]
    [InlineData(": no name\r\n\r\n")]
    [InlineData("X : blank before the colon\r\n\r\n")]
    [InlineData("X Y: blank in the name\r\n\r\n")]
    [InlineData("X: a\r\n folded\r\n\r\n")]
    [InlineData("X: a\r\n\tfolded: yes\r\n\r\n")]
    [InlineData("X: a\0b\r\n\r\n")]
    [InlineData("X\0: a\r\n\r\n")]
    [InlineData("X: a\rSet-Cookie: b\r\n\r\n")]
    [InlineData("X: a\r\r\n\r\n")]
    [InlineData("\r\r\n\r\n")]
    [InlineData("HTTP/1.1 200 O\0K\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\rX: a\r\n\r\n")]
    [InlineData("X: a\r\nHTTP/1.1 200 OK\r\n\r\n")]
    public void A_line_that_is_no_header_is_refused(string text) =>
        Refused.With(WireError.InvalidResponseHeader, () => Read(text), text);

    [Fact]
    public void A_head_below_or_at_the_limit_is_taken()
    {
        var bytes = Encoding.ASCII.GetBytes("X: a\r\n\r\n");
        foreach (var limit in new[] { bytes.Length, bytes.Length + 1 })
        {
            var buffer = new ReadOnlySequence<byte>([.. bytes, .. "a body larger than the limit"u8]);
            Assert.True(ResponseHeadReader.TryRead(ref buffer, limit, out _));
        }
    }

    [Fact]
    public void A_head_one_byte_above_the_limit_is_refused_before_more_is_asked_for()
    {
        Refused.With(WireError.ResponseHeadTooLarge, () => Read("X: a\r\n\r\n", maxSize: 7));
        Refused.With(WireError.ResponseHeadTooLarge, () => Read("X: aaaaa", maxSize: 7));
        Refused.With(WireError.ResponseHeadTooLarge, () => Read("X: a\r\nY: ", maxSize: 7));

        var buffer = new ReadOnlySequence<byte>("X: aaaa"u8.ToArray());
        Assert.False(ResponseHeadReader.TryRead(ref buffer, 7, out _));
    }

    [Fact]
    public void What_the_writer_writes_the_reader_reads()
    {
        foreach (var style in Enum.GetValues<ResponseHeadStyle>())
        {
            var output = new StingyBufferWriter();
            var writer = new ResponseHeadWriter(output, style, 418, "I'm a teapot");
            writer.WriteHeader("X", "a: b");
            writer.WriteNumber("Content-Length: "u8, 5);
            writer.Complete();

            var head = ReadBytes(output.ToArray());
            Assert.Equal((418, "I'm a teapot"), (head.StatusCode, head.ReasonPhrase));
            Assert.Equal([new("X", "a: b"), new("Content-Length", "5")], head.Headers);
        }
    }

    private static ResponseHead Read(string text, int maxSize = 1000) => ReadBytes(Encoding.Latin1.GetBytes(text), maxSize);

    private static ResponseHead ReadBytes(byte[] bytes, int maxSize = 1000)
    {
        var buffer = new ReadOnlySequence<byte>(bytes);
        Assert.True(ResponseHeadReader.TryRead(ref buffer, maxSize, out var head));
        return head;
    }
}
