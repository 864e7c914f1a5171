using System.Buffers;
using System.Text;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

public sealed class ScgiNetstringReaderTests
{
    private const int Limit = 4096;

    private static readonly byte[] Headers = ScgiBytes.Headers(("CONTENT_LENGTH", "0"), ("SCGI", "1"));

    /// <summary>Malformed netstrings, each kind with its own error.</summary>
    public static TheoryData<string, WireError> Malformed => new()
    {
        { ":", WireError.InvalidNetstringLength },
        { ":a,", WireError.InvalidNetstringLength },
        { "+1:a,", WireError.InvalidNetstringLength },
        { "-1:a,", WireError.InvalidNetstringLength },
        { " 1:a,", WireError.InvalidNetstringLength },
        { "1 :a,", WireError.InvalidNetstringLength },
        { "\t1:a,", WireError.InvalidNetstringLength },
        { "01:a,", WireError.InvalidNetstringLength },
        { "00:,", WireError.InvalidNetstringLength },
        { "0x1:a,", WireError.InvalidNetstringLength },
        { "1a:a,", WireError.InvalidNetstringLength },
        { "1.0:a,", WireError.InvalidNetstringLength },
        { "1,a,", WireError.InvalidNetstringLength },
        { "1\0:a,", WireError.InvalidNetstringLength },
        { "GET / HTTP/1.1\r\n", WireError.InvalidNetstringLength },
        { "4097", WireError.PacketTooLarge },
        { "4097:", WireError.PacketTooLarge },
        { "1000000000000", WireError.PacketTooLarge },
        { "1000000000000:", WireError.PacketTooLarge },
        { "2147483648:", WireError.PacketTooLarge },
        { "4294967297:a,", WireError.PacketTooLarge },
        { "18446744073709551617:a,", WireError.PacketTooLarge },
        { "99999999999999999999999999999999999999999999999999", WireError.PacketTooLarge },
        { "1:a;", WireError.MissingNetstringComma },
        { "1:ab,", WireError.MissingNetstringComma },
        { "2:a,\n", WireError.MissingNetstringComma },
        { "0:a", WireError.MissingNetstringComma },
        { "3:abc\0", WireError.MissingNetstringComma },
    };

    [Fact]
    public void A_netstring_reads_the_same_in_every_shape()
    {
        foreach (var (shape, bytes) in Segments.EveryShapeOf(ScgiBytes.Netstring(Headers)))
        {
            var buffer = bytes;
            Assert.True(ScgiNetstringReader.TryRead(ref buffer, Limit, out var headers), shape);
            Assert.Equal(Headers, headers.ToArray());
            Assert.True(buffer.IsEmpty, shape);
        }
    }

    [Fact]
    public void The_body_behind_a_netstring_stays_in_the_buffer()
    {
        foreach (var (shape, bytes) in Segments.EveryShapeOf([.. ScgiBytes.Netstring(Headers), .. ",body"u8]))
        {
            var buffer = bytes;
            Assert.True(ScgiNetstringReader.TryRead(ref buffer, Limit, out _), shape);
            Assert.True(",body" == Encoding.ASCII.GetString(buffer), shape);
        }
    }

    [Fact]
    public void Every_proper_prefix_asks_for_more_and_takes_nothing()
    {
        foreach (var prefix in Segments.EveryProperPrefixOf(ScgiBytes.Netstring(Headers)))
        {
            foreach (var bytes in new[] { new ReadOnlySequence<byte>(prefix), Segments.ByteWise(prefix) })
            {
                var buffer = bytes;
                Assert.False(ScgiNetstringReader.TryRead(ref buffer, Limit, out var headers));
                Assert.True(headers.IsEmpty);
                Assert.Equal(bytes.Start, buffer.Start);
                Assert.Equal(bytes.End, buffer.End);
            }
        }
    }

    [Fact]
    public void An_empty_netstring_is_taken()
    {
        foreach (var (shape, bytes) in Segments.EveryShapeOf("0:,"u8))
        {
            var buffer = bytes;
            Assert.True(ScgiNetstringReader.TryRead(ref buffer, 0, out var headers), shape);
            Assert.True(headers.IsEmpty && buffer.IsEmpty, shape);
        }
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_malformed_netstring_is_told_apart_in_every_shape(string text, WireError error)
    {
        foreach (var (shape, bytes) in Segments.EveryShapeOf(Encoding.Latin1.GetBytes(text)))
        {
            Refused.With(error, () => Read(bytes, Limit), $"{text}, {shape}");
        }
    }

    [Fact]
    public void What_is_wrong_is_refused_with_the_first_byte_that_shows_it()
    {
        foreach (var (text, length) in new[] { ("+1:", 1), ("01:", 2), ("1x:", 2), ("1000000000000:", 5), ("1:ab", 4) })
        {
            var bytes = Encoding.ASCII.GetBytes(text);
            Assert.False(Read(new(bytes[..(length - 1)]), Limit));
            Assert.Throws<WireFormatException>(() => Read(new(bytes[..length]), Limit));
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    public void A_netstring_below_or_at_the_limit_is_taken(int difference)
    {
        var buffer = new ReadOnlySequence<byte>(ScgiBytes.Netstring(new byte[Limit + difference]));
        Assert.True(ScgiNetstringReader.TryRead(ref buffer, Limit, out var headers));
        Assert.Equal(Limit + difference, headers.Length);
    }

    [Fact]
    public void A_netstring_one_byte_above_the_limit_is_refused_before_it_is_waited_for()
    {
        foreach (var (shape, bytes) in Segments.EveryShapeOf("4097"u8))
        {
            Refused.With(WireError.PacketTooLarge, () => Read(bytes, Limit), shape);
        }
    }

    [Fact]
    public void The_largest_length_there_is_asks_for_more_and_not_for_memory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(Read(new("2147483647:"u8.ToArray()), int.MaxValue));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024);
    }

    [Theory]
    [InlineData(200_000)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public void Headers_larger_than_16_bits_are_taken_whole(int size)
    {
        var netstring = ScgiBytes.Netstring(new byte[size]);
        foreach (var at in new[] { 0, 1, 5, 6, 7, 8, size, size + 6, size + 7, netstring.Length })
        {
            var buffer = Segments.SplitAt(netstring, Math.Min(at, netstring.Length));
            Assert.True(ScgiNetstringReader.TryRead(ref buffer, size, out var headers), $"split at {at}");
            Assert.Equal(size, headers.Length);
            Assert.True(buffer.IsEmpty);
        }
    }

    private static bool Read(ReadOnlySequence<byte> bytes, int maxSize) => ScgiNetstringReader.TryRead(ref bytes, maxSize, out _);
}
