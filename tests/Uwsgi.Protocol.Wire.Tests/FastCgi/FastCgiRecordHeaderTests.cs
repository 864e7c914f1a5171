using System.Buffers;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

public sealed class FastCgiRecordHeaderTests
{
    [Fact]
    public void A_header_reads_the_same_in_every_shape()
    {
        foreach (var (shape, bytes) in Segments.EveryShapeOf([1, 5, 0x12, 0x34, 0x56, 0x78, 0x9A, 0, 99]))
        {
            Assert.True(FastCgiRecordHeader.TryParse(bytes, out var header), shape);
            Assert.True(new FastCgiRecordHeader(FastCgiRecordType.Stdin, 0x1234, 0x5678, 0x9A) == header, shape);
        }
    }

    [Fact]
    public void Every_proper_prefix_asks_for_more()
    {
        foreach (var prefix in Segments.EveryProperPrefixOf(FastCgiBytes.Header(5, 1, 3)))
        {
            Assert.False(FastCgiRecordHeader.TryParse(new ReadOnlySequence<byte>(prefix), out var header));
            Assert.Equal(default, header);
            Assert.False(FastCgiRecordHeader.TryParse(Segments.ByteWise(prefix), out _));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData('G')]
    [InlineData(0x16)]
    [InlineData(255)]
    public void Another_version_is_refused_with_the_first_byte(byte version)
    {
        var header = FastCgiBytes.Header(1, 1, 8, version: version);
        for (var length = 1; length <= header.Length; length++)
        {
            foreach (var (shape, bytes) in Segments.EveryShapeOf(header.AsSpan(0, length)))
            {
                Refused.With(WireError.UnsupportedVersion, () => FastCgiRecordHeader.TryParse(bytes, out _), shape);
            }
        }
    }

    [Fact]
    public void The_reserved_byte_means_nothing()
    {
        Assert.True(FastCgiRecordHeader.TryParse(new([1, 5, 0, 1, 0, 3, 2, 0xFF]), out var header));
        Assert.Equal(new FastCgiRecordHeader(FastCgiRecordType.Stdin, 1, 3, 2), header);
    }

    [Theory]
    [InlineData(1, 0, 0, 0)]
    [InlineData(5, 1, 3, 5)]
    [InlineData(9, 256, 255, 1)]
    [InlineData(11, 65535, 65535, 255)]
    [InlineData(200, 5, 65528, 0)]
    public void What_is_written_reads_back(byte type, ushort requestId, ushort contentLength, byte paddingLength)
    {
        var header = new FastCgiRecordHeader((FastCgiRecordType)type, requestId, contentLength, paddingLength);
        byte[] bytes = [.. Enumerable.Repeat((byte)0xCC, FastCgiRecordHeader.Size)];
        header.WriteTo(bytes);

        Assert.Equal(FastCgiBytes.Header(type, requestId, contentLength, paddingLength), bytes);
        Assert.True(FastCgiRecordHeader.TryParse(new ReadOnlySequence<byte>(bytes), out var read));
        Assert.Equal(header, read);
    }

    [Fact]
    public void The_largest_record_is_65798_bytes_long() =>
        Assert.Equal(65798, new FastCgiRecordHeader(FastCgiRecordType.Stdin, 1, 65535, 255).RecordLength);

    [Fact]
    public void Padding_makes_a_multiple_of_eight_of_every_content()
    {
        foreach (var contentLength in Enumerable.Range(0, 65536))
        {
            var header = FastCgiRecordHeader.Padded(FastCgiRecordType.Stdout, 1, (ushort)contentLength);
            Assert.Equal(contentLength, header.ContentLength);
            Assert.Equal(0, header.RecordLength % 8);
            Assert.InRange(header.PaddingLength, 0, 7);
        }
    }

    [Fact]
    public void Only_id_0_is_management()
    {
        Assert.True(new FastCgiRecordHeader(FastCgiRecordType.GetValues, 0, 0, 0).IsManagement);
        Assert.False(new FastCgiRecordHeader(FastCgiRecordType.GetValues, 1, 0, 0).IsManagement);
        Assert.False(new FastCgiRecordHeader(FastCgiRecordType.GetValues, 65535, 0, 0).IsManagement);
    }

    [Fact]
    public void A_destination_that_is_too_small_is_left_alone()
    {
        var bytes = new byte[] { 9, 9, 9, 9, 9, 9, 9 };
        Assert.Throws<IndexOutOfRangeException>(() => new FastCgiRecordHeader(FastCgiRecordType.Stdin, 1, 2, 3).WriteTo(bytes));
        Assert.Equal([9, 9, 9, 9, 9, 9, 9], bytes);
    }
}
