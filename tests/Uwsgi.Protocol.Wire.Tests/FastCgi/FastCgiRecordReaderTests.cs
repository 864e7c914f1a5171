using System.Buffers;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

public sealed class FastCgiRecordReaderTests
{
    private static readonly byte[] Stdin = FastCgiBytes.Record(5, 1, "abc"u8.ToArray(), paddingLength: 5);

    [Fact]
    public void A_record_reads_the_same_in_every_shape()
    {
        foreach (var (shape, bytes) in Segments.EveryShapeOf(Stdin))
        {
            var buffer = bytes;
            Assert.True(FastCgiRecordReader.TryRead(ref buffer, out var header, out var content), shape);
            Assert.Equal(new FastCgiRecordHeader(FastCgiRecordType.Stdin, 1, 3, 5), header);
            Assert.Equal("abc"u8.ToArray(), content.ToArray());
            Assert.True(buffer.IsEmpty, shape);
        }
    }

    [Fact]
    public void Every_proper_prefix_asks_for_more_and_takes_nothing()
    {
        foreach (var prefix in Segments.EveryProperPrefixOf(Stdin))
        {
            foreach (var bytes in new[] { new ReadOnlySequence<byte>(prefix), Segments.ByteWise(prefix) })
            {
                var buffer = bytes;
                Assert.False(FastCgiRecordReader.TryRead(ref buffer, out _, out var content));
                Assert.True(content.IsEmpty);
                Assert.Equal(bytes.Start, buffer.Start);
                Assert.Equal(bytes.End, buffer.End);
            }
        }
    }

    [Fact]
    public void The_header_is_told_as_soon_as_its_eight_bytes_are_there()
    {
        var buffer = new ReadOnlySequence<byte>(Stdin[..8]);
        Assert.False(FastCgiRecordReader.TryRead(ref buffer, out var header, out _));
        Assert.Equal((FastCgiRecordType.Stdin, 3), (header.Type, header.ContentLength));
    }

    [Fact]
    public void An_empty_record_is_taken()
    {
        foreach (var padding in new byte[] { 0, 1, 255 })
        {
            var buffer = new ReadOnlySequence<byte>(FastCgiBytes.Record(4, 1, [], padding));
            Assert.True(FastCgiRecordReader.TryRead(ref buffer, out var header, out var content));
            Assert.Equal(FastCgiRecordType.Params, header.Type);
            Assert.True(content.IsEmpty);
            Assert.True(buffer.IsEmpty);
        }
    }

    [Fact]
    public void The_largest_record_is_taken_whole_wherever_it_is_split_and_the_next_is_aligned()
    {
        var content = new byte[65535];
        new Random(1).NextBytes(content);
        var next = FastCgiBytes.Record(5, 7, "next"u8.ToArray(), paddingLength: 3);
        var all = WireBytes.Concat(FastCgiBytes.Record(5, 7, content, paddingLength: 255), next);
        var largest = FastCgiRecordHeader.Size + 65535 + 255;

        // Two views of one array, and not two copies at each of 65,814 places.
        for (var at = 0; at <= all.Length; at++)
        {
            var buffer = Segments.View(all, at);
            Assert.True(FastCgiRecordReader.TryRead(ref buffer, out var header, out var taken));
            Assert.Equal(new FastCgiRecordHeader(FastCgiRecordType.Stdin, 7, 65535, 255), header);
            Assert.Equal(65535, taken.Length);
            Assert.Equal(all.Length - largest, buffer.Length);
            Assert.True(FastCgiRecordReader.TryRead(ref buffer, out header, out var after));
            Assert.Equal("next"u8.ToArray(), after.ToArray());
            Assert.True(buffer.IsEmpty);
            if (at % 4093 == 0)
            {
                Assert.Equal(content, taken.ToArray());
            }
        }
    }

    [Fact]
    public void The_largest_record_asks_for_more_at_every_byte_but_the_last()
    {
        var all = FastCgiBytes.Record(5, 7, new byte[65535], paddingLength: 255);
        for (var length = 0; length < all.Length; length++)
        {
            var buffer = new ReadOnlySequence<byte>(all, 0, length);
            Assert.False(FastCgiRecordReader.TryRead(ref buffer, out _, out _));
            Assert.Equal(length, buffer.Length);
        }
    }

    [Fact]
    public void Padding_is_never_content()
    {
        foreach (var padding in Enumerable.Range(0, 256))
        {
            var buffer = new ReadOnlySequence<byte>([.. FastCgiBytes.Record(5, 1, "abc"u8.ToArray(), (byte)padding), .. Stdin]);
            Assert.True(FastCgiRecordReader.TryRead(ref buffer, out _, out var first));
            Assert.True(FastCgiRecordReader.TryRead(ref buffer, out _, out var second));
            Assert.Equal("abc"u8.ToArray(), first.ToArray());
            Assert.Equal("abc"u8.ToArray(), second.ToArray());
            Assert.True(buffer.IsEmpty);
        }
    }

    [Fact]
    public void Every_type_and_every_id_is_taken_as_it_is()
    {
        foreach (var type in Enumerable.Range(0, 256))
        {
            foreach (var id in new[] { 0, 1, 255, 256, 65535 })
            {
                var buffer = new ReadOnlySequence<byte>(FastCgiBytes.Record((byte)type, id, [1]));
                Assert.True(FastCgiRecordReader.TryRead(ref buffer, out var header, out _));
                Assert.Equal(((FastCgiRecordType)type, id), (header.Type, header.RequestId));
            }
        }
    }

    [Fact]
    public void A_bad_record_behind_a_good_one_is_refused_when_its_turn_comes()
    {
        var buffer = new ReadOnlySequence<byte>([.. Stdin, 2]);
        Assert.True(FastCgiRecordReader.TryRead(ref buffer, out _, out _));
        Refused.With(WireError.UnsupportedVersion, () => FastCgiRecordReader.TryRead(ref buffer, out _, out _));
    }
}
