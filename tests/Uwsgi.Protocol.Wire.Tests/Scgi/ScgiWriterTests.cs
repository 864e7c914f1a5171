using System.Buffers;
using System.Text;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

public sealed class ScgiWriterTests
{
    [Fact]
    public void A_request_is_written_as_the_specification_shows_it() => Assert.Equal(
        "70:CONTENT_LENGTH\0" + "27\0SCGI\0" + "1\0REQUEST_METHOD\0POST\0REQUEST_URI\0/deepthought\0,",
        Encoding.ASCII.GetString(Write(("CONTENT_LENGTH", "27"), ("REQUEST_METHOD", "POST"), ("REQUEST_URI", "/deepthought"))));

    [Fact]
    public void The_length_goes_first_wherever_it_stands() => Assert.Equal(
        ScgiBytes.Netstring(ScgiBytes.Headers(("CONTENT_LENGTH", "5"), ("SCGI", "1"), ("A", "1"), ("B", ""), ("A", "2"))),
        Write(("A", "1"), ("B", ""), ("CONTENT_LENGTH", "5"), ("A", "2")));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_length_is_0(bool isThere) => Assert.Equal(
        ScgiBytes.Netstring(ScgiBytes.Headers(("CONTENT_LENGTH", "0"), ("SCGI", "1"))), isThere ? Write(("CONTENT_LENGTH", "")) : Write());

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    [InlineData(65_536)]
    [InlineData(1_000_000)]
    public void What_is_written_reads_back(int size)
    {
        (string Name, string Value)[] variables = [("URI", "/café/日本"), ("LARGE", new string('v', size)), ("EMPTY", "")];
        var buffer = new ReadOnlySequence<byte>(Write(variables));
        Assert.True(ScgiNetstringReader.TryRead(ref buffer, int.MaxValue, out var headers));
        Assert.True(buffer.IsEmpty);
        var read = new CgiVariables();
        read.LoadScgi(headers, 5);
        Assert.Equal(5, read.Count);
        Assert.Equal("/café/日本"u8, read.GetValue(2));
        Assert.Equal(size, read.GetValue(3).Length);
    }

    [Fact]
    public void Every_length_of_a_netstring_has_its_own_number()
    {
        // Around each power of ten the number in front grows by a digit.
        foreach (var size in Enumerable.Range(1, 1100).Concat(Enumerable.Range(9900, 200)))
        {
            var value = new string('v', size);
            Assert.Equal(ScgiBytes.Netstring(ScgiBytes.Headers(("CONTENT_LENGTH", "0"), ("SCGI", "1"), ("A", value))), Write(("A", value)));
        }
    }

    public static TheoryData<string, (string Name, string Value)[]> Unwritable => new()
    {
        { "an empty name", [("", "v")] },
        { "a NUL in a name", [("A\0B", "v")] },
        { "a NUL in a value", [("A", "v\0CONTENT_LENGTH\09")] },
        { "SCGI", [("SCGI", "1")] },
        { "two lengths", [("CONTENT_LENGTH", "5"), ("CONTENT_LENGTH", "6")] },
        { "two lengths that are the same", [("CONTENT_LENGTH", "5"), ("CONTENT_LENGTH", "5")] },
        { "a length that is not a number", [("CONTENT_LENGTH", "5a")] },
        { "a length with a sign", [("CONTENT_LENGTH", "-5")] },
        { "a length with a NUL", [("CONTENT_LENGTH", "5\0A\0B")] },
    };

    [Theory]
    [MemberData(nameof(Unwritable))]
    public void What_would_be_read_as_something_else_is_refused(string what, (string Name, string Value)[] variables)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Throws<ArgumentException>(() => ScgiWriter.Write(output, NameValuePairs.Of([("X", "1"), .. variables])));
        Assert.True(output.WrittenCount == 0, what);
    }

    private static byte[] Write(params (string Name, string Value)[] variables)
    {
        var output = new StingyBufferWriter();
        ScgiWriter.Write(output, NameValuePairs.Of(variables));
        return output.ToArray();
    }
}
