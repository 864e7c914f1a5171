using System.Buffers;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

public sealed class UwsgiPacketHeaderTests
{
    [Fact]
    public void A_header_reads_the_same_in_every_shape()
    {
        foreach (var (shape, bytes) in Segments.EveryShapeOf([5, 0x34, 0x12, 7, 99]))
        {
            Assert.True(UwsgiPacketHeader.TryParse(bytes, out var header), shape);
            Assert.True(new UwsgiPacketHeader(5, 0x1234, 7) == header, shape);
        }
    }

    [Fact]
    public void The_datasize_is_little_endian()
    {
        Assert.True(UwsgiPacketHeader.TryParse(Segments.Of([0, 0x01, 0x00, 0]), out var small));
        Assert.True(UwsgiPacketHeader.TryParse(Segments.Of([0, 0x00, 0x01, 0]), out var large));
        Assert.Equal((1, 256), (small.DataSize, large.DataSize));
    }

    [Fact]
    public void Every_proper_prefix_asks_for_more()
    {
        foreach (var prefix in Segments.EveryProperPrefixOf([0, 1, 0, 0]))
        {
            Assert.False(UwsgiPacketHeader.TryParse(new ReadOnlySequence<byte>(prefix), out var header));
            Assert.Equal(default, header);
            Assert.False(UwsgiPacketHeader.TryParse(Segments.ByteWise(prefix), out _));
        }
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(30, 1, 5)]
    [InlineData(100, 255, 1)]
    [InlineData(255, 256, 255)]
    [InlineData(1, 65535, 2)]
    public void What_is_written_reads_back(byte modifier1, ushort dataSize, byte modifier2)
    {
        var header = new UwsgiPacketHeader(modifier1, dataSize, modifier2);
        var bytes = new byte[UwsgiPacketHeader.Size];
        header.WriteTo(bytes);

        Assert.Equal(WireBytes.Header(modifier1, dataSize, modifier2), bytes);
        Assert.True(UwsgiPacketHeader.TryParse(new ReadOnlySequence<byte>(bytes), out var read));
        Assert.Equal(header, read);
    }

    [Fact]
    public void A_destination_that_is_too_small_is_left_alone()
    {
        var bytes = new byte[] { 9, 9, 9 };
        Assert.Throws<IndexOutOfRangeException>(() => new UwsgiPacketHeader(1, 2, 3).WriteTo(bytes));
        Assert.Equal([9, 9, 9], bytes);
    }
}
