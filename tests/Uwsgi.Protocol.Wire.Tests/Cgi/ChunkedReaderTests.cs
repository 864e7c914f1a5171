using System.Buffers;
using System.Text;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

public sealed class ChunkedReaderTests
{
    [Theory]
    [InlineData("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")]
    [InlineData("b\r\nhello world\r\n0\r\n\r\n")]
    [InlineData("B\r\nhello world\r\n0000\r\n\r\n")]
    [InlineData("000000000000005\r\nhello\r\n6;a=b;c=\"d\"\r\n world\r\n0;last\r\n\r\n")]
    [InlineData("5 ;a\r\nhello\r\n6\t\r\n world\r\n0 \r\n\r\n")]
    [InlineData("5;0123456789012345678901234567890123456789\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\nOther: y\r\n\r\n")]
    public void A_body_reads_the_same_in_every_shape(string text)
    {
        foreach (var (shape, bytes) in Segments.EveryShapeOf(Encoding.ASCII.GetBytes(text + "rest")))
        {
            var reader = new ChunkedReader();
            var buffer = bytes;
            Assert.True("hello world" == ReadAll(ref reader, ref buffer), shape);
            Assert.True(reader.IsCompleted, shape);
            Assert.True("rest" == Encoding.ASCII.GetString(buffer), shape);
        }
    }

    [Fact]
    public void Bytes_that_come_one_by_one_are_the_same_body()
    {
        var text = Encoding.ASCII.GetBytes("5;x\r\nhello\r\n6\r\n world\r\n0\r\nT: x\r\n\r\n");
        var reader = new ChunkedReader();
        var content = new StringBuilder();
        var pending = new List<byte>();
        foreach (var b in text)
        {
            Assert.False(reader.IsCompleted);
            pending.Add(b);
            var buffer = new ReadOnlySequence<byte>(pending.ToArray());
            content.Append(ReadAll(ref reader, ref buffer));
            pending = [.. buffer.ToArray()];
        }

        Assert.Equal("hello world", content.ToString());
        Assert.True(reader.IsCompleted);
        Assert.Empty(pending);
    }

    [Fact]
    public void Every_proper_prefix_is_not_complete()
    {
        foreach (var prefix in Segments.EveryProperPrefixOf("5\r\nhello\r\n0\r\nT: x\r\n\r\n"u8))
        {
            var reader = new ChunkedReader();
            var buffer = new ReadOnlySequence<byte>(prefix);
            Assert.StartsWith(ReadAll(ref reader, ref buffer), "hello", StringComparison.Ordinal);
            Assert.False(reader.IsCompleted);
        }
    }

    [Fact]
    public void A_complete_body_takes_nothing_more()
    {
        var reader = new ChunkedReader();
        var buffer = new ReadOnlySequence<byte>("0\r\n\r\n5\r\nhello\r\n"u8.ToArray());
        Assert.Equal("", ReadAll(ref reader, ref buffer));
        Assert.True(reader.IsCompleted);
        Assert.Equal("", ReadAll(ref reader, ref buffer));
        Assert.Equal(10, buffer.Length);
    }

    [Fact]
    public void Content_may_look_like_framing()
    {
        var reader = new ChunkedReader();
        var buffer = new ReadOnlySequence<byte>("7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n"u8.ToArray());
        Assert.Equal("0\r\n\r\n\r\n", ReadAll(ref reader, ref buffer));
        Assert.True(reader.IsCompleted);
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData(";x\r\n")]
    [InlineData(" 5\r\n")]
    [InlineData("g\r\n")]
    [InlineData("-5\r\n")]
    [InlineData("+5\r\n")]
    [InlineData("0x5\r\n")]
    [InlineData("5x\r\n")]
    [InlineData("5 6\r\n")]
    [InlineData("5,5\r\n")]
    [InlineData("5_0\r\n")]
    [InlineData("5\0\r\n")]
    [InlineData("5\0\0;x\r\n")]
    [InlineData("5\n\r\n")]
    [InlineData("5\r\r\n")]
    [InlineData("5;x\nabc\r\n")] // some end the extension at the LF, and read "abc" as content
    [InlineData("5;x\rabc\r\n")]
    [InlineData("5\r\nhelloXX\r\n")]
    [InlineData("5\r\nhello!\r\n")]
    [InlineData("5\r\nhello0\r\n\r\n")]
    [InlineData("0\r\nT: a\nb\r\n\r\n")]
    [InlineData("0\r\nT: a\rb\r\n\r\n")]
    public void A_malformed_body_is_refused(string text)
    {
        foreach (var (shape, bytes) in Segments.EveryShapeOf(Encoding.ASCII.GetBytes(text)))
        {
            Refused.With(WireError.InvalidChunkedBody, () => ReadAll(bytes), $"{text}, {shape}");
        }
    }

    [Theory]
    [InlineData("1000000000000000\r\n")]
    [InlineData("8000000000000000\r\n")]
    [InlineData("FFFFFFFFFFFFFFFF\r\n")]
    [InlineData("10000000000000005\r\n")]
    [InlineData("0000000000000005\r\n")]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF;x\r\n")]
    public void A_size_that_could_overflow_is_refused(string text) =>
        Refused.With(WireError.InvalidChunkedBody, () => ReadAll(new(Encoding.ASCII.GetBytes(text))), text);

    [Fact]
    public void The_largest_size_is_waited_for()
    {
        var reader = new ChunkedReader();
        var buffer = new ReadOnlySequence<byte>("FFFFFFFFFFFFFFF\r\nabc"u8.ToArray());
        Assert.Equal("abc", ReadAll(ref reader, ref buffer));
        Assert.False(reader.IsCompleted);
    }

    [Theory]
    [InlineData(4096 - 1)]
    [InlineData(4096)]
    public void A_line_below_or_at_the_limit_is_taken(int length) =>
        Assert.Equal("hello", ReadAll(new(Encoding.ASCII.GetBytes("5;" + new string('x', length - 2) + "\r\nhello"))));

    [Fact]
    public void A_line_above_the_limit_is_refused_whether_its_end_is_there_or_not()
    {
        var line = "5;" + new string('x', 4096 - 1);
        Refused.With(WireError.InvalidChunkedBody, () => ReadAll(new(Encoding.ASCII.GetBytes(line + "\r\nhello"))));
        Refused.With(WireError.InvalidChunkedBody, () => ReadAll(new(Encoding.ASCII.GetBytes(line + "yyyyyyyy"))));
    }

    [Theory]
    [InlineData(63)]
    [InlineData(64)]
    public void Trailers_below_or_at_the_limit_are_passed_over(int count)
    {
        var reader = new ChunkedReader();
        var buffer = new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes(WithTrailers(count)));
        Assert.Equal("", ReadAll(ref reader, ref buffer));
        Assert.True(reader.IsCompleted);
    }

    [Fact]
    public void One_trailer_above_the_limit_is_refused() =>
        Refused.With(WireError.InvalidChunkedBody, () => ReadAll(new(Encoding.ASCII.GetBytes(WithTrailers(65)))));

    private static string WithTrailers(int count) =>
        "0\r\n" + string.Concat(Enumerable.Repeat("T: x\r\n", count)) + "\r\n";

    private static string ReadAll(ReadOnlySequence<byte> bytes)
    {
        var reader = new ChunkedReader();
        return ReadAll(ref reader, ref bytes);
    }

    private static string ReadAll(ref ChunkedReader reader, ref ReadOnlySequence<byte> buffer)
    {
        var content = new StringBuilder();
        while (reader.TryRead(ref buffer, out var part))
        {
            content.Append(Encoding.ASCII.GetString(part));
        }

        return content.ToString();
    }
}
