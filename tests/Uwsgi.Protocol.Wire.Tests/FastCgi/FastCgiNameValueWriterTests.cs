using System.Buffers;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

public sealed class FastCgiNameValueWriterTests
{
    [Fact]
    public void Pairs_are_written_as_the_specification_draws_them() =>
        Assert.Equal([1, 2, (byte)'A', (byte)'b', (byte)'c', 4, 0, .. "NONE"u8], Write(("A", "bc"), ("NONE", "")));

    [Theory]
    [InlineData(126)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(65536)]
    [InlineData(1_000_000)]
    public void Long_lengths_take_four_bytes(int length)
    {
        (string, string)[] pairs = [("A", new string('v', length)), (new string('N', length), ""), ("Z", "1")];
        Assert.Equal(FastCgiBytes.Pairs(pairs), Write(pairs));
    }

    [Fact]
    public void A_length_counts_bytes_and_not_characters()
    {
        (string, string)[] pairs = [("URI", "/café/日本"), ("E", new string('é', 64))];
        var block = Write(pairs);
        Assert.Equal(FastCgiBytes.Pairs(pairs), block);

        var read = new CgiVariables();
        read.LoadFastCgi(new ReadOnlySequence<byte>(block), 2);
        Assert.Equal("/café/日本"u8, read.GetValue(0));
        Assert.Equal(128, read.GetValue(1).Length);
    }

    [Fact]
    public void No_pairs_are_no_bytes() => Assert.Empty(Write());

    [Fact]
    public void An_empty_name_is_refused_before_anything_is_written()
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Throws<ArgumentException>(() => FastCgiNameValueWriter.Write(output, NameValuePairs.Of(("A", "1"), ("", "v"))));
        Assert.Equal(0, output.WrittenCount);
    }

    private static byte[] Write(params (string Name, string Value)[] variables)
    {
        var output = new StingyBufferWriter();
        FastCgiNameValueWriter.Write(output, NameValuePairs.Of(variables));
        return output.ToArray();
    }
}
