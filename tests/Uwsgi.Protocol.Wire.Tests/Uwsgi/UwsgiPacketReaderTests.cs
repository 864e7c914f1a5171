using System.Buffers;
using System.Text;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

public sealed class UwsgiPacketReaderTests
{
    private static readonly byte[] Data = WireBytes.Variables(("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/"));
    private static readonly byte[] Packet = WireBytes.Packet(5, 7, Data);

    [Fact]
    public void A_packet_reads_the_same_in_every_shape()
    {
        foreach (var (shape, bytes) in Segments.EveryShapeOf(Packet))
        {
            var buffer = bytes;
            Assert.True(UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out var header, out var data), shape);
            Assert.Equal(new UwsgiPacketHeader(5, (ushort)Data.Length, 7), header);
            Assert.Equal(Data, data.ToArray());
            Assert.True(buffer.IsEmpty, shape);
        }
    }

    [Fact]
    public void The_body_behind_a_packet_stays_in_the_buffer()
    {
        foreach (var (shape, bytes) in Segments.EveryShapeOf([.. Packet, .. "body"u8]))
        {
            var buffer = bytes;
            Assert.True(UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out _, out _), shape);
            Assert.True("body" == Encoding.ASCII.GetString(buffer), shape);
        }
    }

    [Fact]
    public void Every_proper_prefix_asks_for_more_and_takes_nothing()
    {
        foreach (var prefix in Segments.EveryProperPrefixOf(Packet))
        {
            foreach (var bytes in new[] { new ReadOnlySequence<byte>(prefix), Segments.ByteWise(prefix) })
            {
                var buffer = bytes;
                Assert.False(UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out _, out var data));
                Assert.True(data.IsEmpty);
                Assert.Equal(bytes.Start, buffer.Start);
                Assert.Equal(bytes.End, buffer.End);
            }
        }
    }

    [Fact]
    public void The_header_is_told_as_soon_as_its_four_bytes_are_there()
    {
        var buffer = new ReadOnlySequence<byte>(Packet[..4]);
        Assert.False(UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out var header, out _));
        Assert.Equal(Data.Length, header.DataSize);
    }

    [Fact]
    public void An_empty_packet_is_taken()
    {
        var buffer = new ReadOnlySequence<byte>(WireBytes.Header(100, 0, 0));
        Assert.True(UwsgiPacketReader.TryRead(ref buffer, 0, out var header, out var data));
        Assert.Equal(UwsgiModifier1.Ping, header.Modifier1);
        Assert.True(data.IsEmpty);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    public void A_packet_below_or_at_the_limit_is_taken(int difference)
    {
        const int Limit = 4096;
        var buffer = new ReadOnlySequence<byte>(WireBytes.Packet(0, 0, WireBytes.VariableOfSize(Limit + difference)));
        Assert.True(UwsgiPacketReader.TryRead(ref buffer, Limit, out _, out var data));
        Assert.Equal(Limit + difference, data.Length);
    }

    [Fact]
    public void A_packet_one_byte_above_the_limit_is_refused_before_its_data_is_waited_for()
    {
        foreach (var (shape, bytes) in Segments.EveryShapeOf(WireBytes.Header(0, 4097, 0)))
        {
            Refused.With(WireError.PacketTooLarge, () =>
            {
                var buffer = bytes;
                UwsgiPacketReader.TryRead(ref buffer, 4096, out _, out _);
            }, shape);
        }
    }

    [Theory]
    [InlineData(65534)]
    [InlineData(65535)]
    public void The_largest_packets_are_taken_whole(int dataSize)
    {
        var packet = WireBytes.Packet(0, 0, WireBytes.VariableOfSize(dataSize));
        foreach (var at in new[] { 0, 1, 2, 3, 4, 5, dataSize, dataSize + 3, dataSize + 4 })
        {
            var buffer = Segments.SplitAt(packet, at);
            Assert.True(UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out var header, out var data), $"split at {at}");
            Assert.Equal(dataSize, header.DataSize);
            Assert.Equal(dataSize, data.Length);
        }

        var oneByteShort = new ReadOnlySequence<byte>(packet[..^1]);
        Assert.False(UwsgiPacketReader.TryRead(ref oneByteShort, ushort.MaxValue, out _, out _));
    }

    [Fact]
    public void Two_packets_are_two_reads()
    {
        var buffer = new ReadOnlySequence<byte>([.. Packet, .. WireBytes.Header(100, 0, 0)]);
        Assert.True(UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out var first, out _));
        Assert.True(UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out var second, out _));
        Assert.False(UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out _, out _));
        Assert.Equal((5, 100), (first.Modifier1, second.Modifier1));
    }
}
