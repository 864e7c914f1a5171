using System.Buffers;
using System.Text;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

public sealed class FastCgiNameValueReaderTests
{
    private static readonly byte[] Largest = [0xFF, 0xFF, 0xFF, 0xFF];

    /// <summary>Malformed blocks, each kind with its own error.</summary>
    public static TheoryData<string, byte[], WireError> Malformed => new()
    {
        { "one byte of a long name length", [0x80], WireError.NameLengthTruncated },
        { "three bytes of a long name length", [0x80, 0, 1], WireError.NameLengthTruncated },
        { "an empty name, nothing else", [0], WireError.EmptyName },
        { "an empty name and an empty value", [0, 0], WireError.EmptyName },
        { "an empty name with a value", FastCgiBytes.Pair("", "v"), WireError.EmptyName },
        { "an empty name of a long length", [0x80, 0, 0, 0, 0], WireError.EmptyName },
        { "a name length and nothing", [1], WireError.ValueLengthTruncated },
        { "a long name length and nothing", [0x80, 0, 0, 1], WireError.ValueLengthTruncated },
        { "one byte of a long value length", [1, 0x80], WireError.ValueLengthTruncated },
        { "three bytes of a long value length", [1, 0x80, 0, 1], WireError.ValueLengthTruncated },
        { "both lengths and nothing", [1, 0], WireError.NameTruncated },
        { "a name one byte short", [2, 0, (byte)'A'], WireError.NameTruncated },
        { "a name of 127 bytes that are not there", [127, 1, (byte)'A', (byte)'v'], WireError.NameTruncated },
        { "a name of 2^31 - 1 bytes", [.. Largest, 1, (byte)'A', (byte)'v'], WireError.NameTruncated },
        { "a name of 2^31 - 2 bytes", [0xFF, 0xFF, 0xFF, 0xFE, 1, (byte)'A', (byte)'v'], WireError.NameTruncated },
        { "name and value of 2^31 - 1 bytes", [.. Largest, .. Largest, (byte)'A', (byte)'v'], WireError.NameTruncated },
        { "name and value whose sum is 2^32", [.. Largest, 0x80, 0, 0, 1, (byte)'A', (byte)'v'], WireError.NameTruncated },
        { "a value and nothing", [1, 1, (byte)'A'], WireError.ValueTruncated },
        { "a value one byte short", [1, 2, (byte)'A', (byte)'v'], WireError.ValueTruncated },
        { "a value of 2^31 - 1 bytes", [1, .. Largest, (byte)'A', (byte)'v'], WireError.ValueTruncated },
        { "a value of 2^31 - 1 bytes and a long name length", [0x80, 0, 0, 1, .. Largest, (byte)'A', (byte)'v'], WireError.ValueTruncated },
        { "a value that with its name is 2^31", [1, 0xFF, 0xFF, 0xFF, 0xFF, (byte)'A'], WireError.ValueTruncated },
        { "a value of 16 MB that is little endian", [1, 0x81, 0, 0, 0, (byte)'A', (byte)'v'], WireError.ValueTruncated },
    };

    [Fact]
    public void Pairs_read_the_same_in_every_shape()
    {
        var block = WireBytes.Concat(
            FastCgiBytes.Pair("A", "1"), FastCgiBytes.Pair("EMPTY", ""), FastCgiBytes.Pair("LONG", new string('v', 128)),
            FastCgiBytes.Pair(new string('N', 128), "2"), FastCgiBytes.Pair("A", "3"), FastCgiBytes.Pair("LAST", ""));
        var expected = $"A=1;EMPTY=;LONG={new string('v', 128)};{new string('N', 128)}=2;A=3;LAST=;";
        foreach (var (shape, bytes) in Segments.EveryShapeOf(block))
        {
            Assert.True(expected == ReadAll(block, bytes), shape);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(126)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(65535)]
    [InlineData(65536)]
    [InlineData(200_000)]
    public void Lengths_of_both_forms_are_read(int length)
    {
        foreach (var pair in new[] { (new string('N', length), "v"), ("N", new string('v', length)), (new string('N', length), new string('v', length)) })
        {
            var block = FastCgiBytes.Pairs(pair, ("END", "1"));
            foreach (var bytes in new[] { new ReadOnlySequence<byte>(block), Segments.SplitAt(block, 1), Segments.SplitAt(block, 3), Segments.SplitAt(block, length) })
            {
                Assert.Equal($"{pair.Item1}={pair.Item2};END=1;", ReadAll(block, bytes));
            }
        }
    }

    [Fact]
    public void A_small_length_may_be_written_in_four_bytes()
    {
        byte[] block = [.. FastCgiBytes.LongLength(1), .. FastCgiBytes.LongLength(0), (byte)'A', 1, .. FastCgiBytes.LongLength(2), .. "Bvw"u8];
        foreach (var (shape, bytes) in Segments.EveryShapeOf(block))
        {
            Assert.True("A=;B=vw;" == ReadAll(block, bytes), shape);
        }
    }

    [Fact]
    public void No_block_is_no_pairs()
    {
        foreach (var bytes in new[] { ReadOnlySequence<byte>.Empty, Segments.Of([], []), Segments.Of() })
        {
            var reader = new FastCgiNameValueReader(bytes);
            Assert.False(reader.TryRead(out _));
            Assert.False(reader.TryRead(out _));
        }
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_malformed_block_is_told_apart_in_every_shape(string what, byte[] block, WireError error)
    {
        Refused.With(error, () => ReadAllOf(block), what);
        foreach (var (shape, bytes) in Segments.EveryShapeOf(block))
        {
            Refused.With(error, () => ReadAll(block, bytes), $"{what}, {shape}");
        }
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_malformed_block_is_told_apart_behind_good_pairs_too(string what, byte[] block, WireError error)
    {
        byte[] all = [.. FastCgiBytes.Pairs(("A", "1"), ("B", ""), ("C", new string('v', 200))), .. block];
        Refused.With(error, () => ReadAllOf(all), what);
        foreach (var (shape, bytes) in Segments.EveryShapeOf(all))
        {
            Refused.With(error, () => ReadAll(all, bytes), $"{what}, {shape}");
        }
    }

    [Fact]
    public void A_block_cut_anywhere_but_between_pairs_is_malformed()
    {
        byte[][] pairs = [FastCgiBytes.Pair("NAME", "value"), FastCgiBytes.Pair("L", new string('v', 130)), FastCgiBytes.Pair("B", "2")];
        var ends = new[] { 0, pairs[0].Length, pairs[0].Length + pairs[1].Length };
        foreach (var prefix in Segments.EveryProperPrefixOf(WireBytes.Concat(pairs)))
        {
            if (ends.Contains(prefix.Length))
            {
                ReadAllOf(prefix);
            }
            else
            {
                Assert.Throws<WireFormatException>(() => ReadAllOf(prefix));
            }
        }
    }

    [Theory]
    [InlineData(0x7FFFFFFFu)]
    [InlineData(0xFFFFFFFFu)]
    [InlineData(0xFFFFFFFEu)]
    [InlineData(0x7FFFFFFEu)]
    public void Lies_about_lengths_allocate_nothing_but_the_exception(uint length)
    {
        byte[] lie = [(byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length];
        foreach (var block in new byte[][] { [.. lie, .. lie, (byte)'A'], [1, .. lie, (byte)'A'], [.. lie, 1, (byte)'A', (byte)'v'] })
        {
            Assert.Throws<WireFormatException>(() => ReadAllOf(block));

            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<WireFormatException>(() => ReadAllOf(block));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 * 1024);
        }
    }

    private static void ReadAllOf(byte[] block)
    {
        var reader = new FastCgiNameValueReader(block);
        while (reader.TryRead(out _))
        {
        }
    }

    private static string ReadAll(byte[] block, in ReadOnlySequence<byte> bytes)
    {
        var text = new StringBuilder();
        var reader = new FastCgiNameValueReader(bytes);
        while (reader.TryRead(out var pair))
        {
            text.Append(Encoding.ASCII.GetString(block, pair.NameStart, pair.NameLength)).Append('=')
                .Append(Encoding.ASCII.GetString(block, pair.ValueStart, pair.ValueLength)).Append(';');
        }

        return text.ToString();
    }
}
