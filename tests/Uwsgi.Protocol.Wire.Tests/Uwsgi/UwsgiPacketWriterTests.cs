using System.Buffers;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

public sealed class UwsgiPacketWriterTests
{
    [Fact]
    public void A_packet_is_written_as_the_specification_draws_it()
    {
        byte[] expected = [5, 15, 0, 7, 1, 0, (byte)'A', 2, 0, (byte)'b', (byte)'c', 4, 0, .. "NONE"u8, 0, 0];
        Assert.Equal(expected, Write(5, 7, ("A", "bc"), ("NONE", "")));
    }

    [Fact]
    public void No_variables_are_four_bytes() => Assert.Equal([100, 0, 0, 0], Write(100, 0));

    [Fact]
    public void What_is_written_reads_back_in_its_order()
    {
        (string Name, string Value)[] variables = [("A", "1"), ("B", ""), ("A", "2"), ("URI", "/café/日本")];
        var bytes = Write(0, 0, variables);
        Assert.Equal(WireBytes.Packet(variables), bytes);

        var buffer = new ReadOnlySequence<byte>(bytes);
        Assert.True(UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out _, out var data));
        var read = new CgiVariables();
        read.LoadUwsgi(data, 100);
        Assert.Equal(variables.Length, read.Count);
        Assert.Equal("/café/日本"u8, read.GetValue(3));
    }

    [Fact]
    public void The_largest_packet_is_written()
    {
        var bytes = Write(0, 0, ("A", new string('v', 65535 - 5)));
        Assert.Equal(65539, bytes.Length);
        Assert.Equal(WireBytes.Header(0, 65535, 0), bytes[..4]);
    }

    [Theory]
    [InlineData(65536)]
    [InlineData(65537)]
    [InlineData(2 * 65536)]
    [InlineData(1_000_000)]
    public void What_does_not_fit_16_bits_is_refused_and_not_cut(int size)
    {
        var output = new ArrayBufferWriter<byte>();
        var variables = NameValuePairs.Of(("A", new string('v', size - 5)));
        Assert.Throws<ArgumentException>(() => UwsgiPacketWriter.Write(output, 0, 0, variables));
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void Many_small_variables_are_summed_before_anything_is_written()
    {
        var output = new ArrayBufferWriter<byte>();
        var variables = NameValuePairs.Of([.. Enumerable.Repeat(("A", "12345"), 6554)]);
        Assert.Equal(65540, variables.Count * 10);
        Assert.Throws<ArgumentException>(() => UwsgiPacketWriter.Write(output, 0, 0, variables));
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void The_size_counts_bytes_and_not_characters()
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Throws<ArgumentException>(() => UwsgiPacketWriter.Write(output, 0, 0, NameValuePairs.Of(("A", new string('é', 32766)))));
        UwsgiPacketWriter.Write(output, 0, 0, NameValuePairs.Of(("A", new string('é', 32765))));
        Assert.Equal(65539, output.WrittenCount);
    }

    [Fact]
    public void An_empty_name_is_refused() =>
        Assert.Throws<ArgumentException>(() => Write(0, 0, ("", "v")));

    private static byte[] Write(byte modifier1, byte modifier2, params (string Name, string Value)[] variables)
    {
        var output = new StingyBufferWriter();
        UwsgiPacketWriter.Write(output, modifier1, modifier2, NameValuePairs.Of(variables));
        return output.ToArray();
    }
}
