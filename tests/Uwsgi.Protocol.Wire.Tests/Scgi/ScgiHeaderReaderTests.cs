using System.Buffers;
using System.Text;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

public sealed class ScgiHeaderReaderTests
{
    /// <summary>Malformed headers, each kind with its own error.</summary>
    public static TheoryData<string, WireError> Malformed => new()
    {
        { "A", WireError.UnterminatedName },
        { "NAME", WireError.UnterminatedName },
        { "NAME=value", WireError.UnterminatedName },
        { "A\0", WireError.MissingValue },
        { "NAME\0", WireError.MissingValue },
        { "A\0v", WireError.UnterminatedValue },
        { "NAME\0value", WireError.UnterminatedValue },
        { "\0", WireError.EmptyName },
        { "\0\0", WireError.EmptyName },
        { "\0v\0", WireError.EmptyName },
        { "\0v", WireError.EmptyName },
        { "\0A\0v\0", WireError.EmptyName },
    };

    [Fact]
    public void Headers_read_the_same_in_every_shape()
    {
        var headers = ScgiBytes.Headers(("A", "1"), ("EMPTY", ""), ("A", "2"), ("LAST", ""));
        foreach (var (shape, bytes) in Segments.EveryShapeOf(headers))
        {
            Assert.True("A=1;EMPTY=;A=2;LAST=;" == ReadAll(headers, bytes), shape);
        }
    }

    [Fact]
    public void No_bytes_are_no_headers()
    {
        foreach (var bytes in new[] { ReadOnlySequence<byte>.Empty, Segments.Of([], []), Segments.Of() })
        {
            var reader = new ScgiHeaderReader(bytes);
            Assert.False(reader.TryRead(out _));
            Assert.False(reader.TryRead(out _));
        }
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Malformed_headers_are_told_apart_in_every_shape(string text, WireError error)
    {
        var headers = Encoding.ASCII.GetBytes(text);
        Refused.With(error, () => ReadAllOf(headers), text);
        foreach (var (shape, bytes) in Segments.EveryShapeOf(headers))
        {
            Refused.With(error, () => ReadAll(headers, bytes), $"{text}, {shape}");
        }
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Malformed_headers_are_told_apart_behind_good_ones_too(string text, WireError error)
    {
        byte[] headers = [.. ScgiBytes.Headers(("CONTENT_LENGTH", "0"), ("B", "")), .. Encoding.ASCII.GetBytes(text)];
        Refused.With(error, () => ReadAllOf(headers), text);
        foreach (var (shape, bytes) in Segments.EveryShapeOf(headers))
        {
            Refused.With(error, () => ReadAll(headers, bytes), $"{text}, {shape}");
        }
    }

    [Fact]
    public void Headers_cut_anywhere_but_between_pairs_are_malformed()
    {
        var headers = ScgiBytes.Headers(("NAME", "value"), ("B", ""));
        var ends = new[] { 0, "NAME\0value\0".Length };
        foreach (var prefix in Segments.EveryProperPrefixOf(headers))
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

    [Fact]
    public void A_header_may_be_larger_than_16_bits()
    {
        var headers = ScgiBytes.Headers((new string('N', 70_000), new string('v', 80_000)), ("B", "2"));
        foreach (var bytes in new[] { new ReadOnlySequence<byte>(headers), Segments.SplitAt(headers, 65_536), Segments.SplitAt(headers, 70_001) })
        {
            var reader = new ScgiHeaderReader(bytes);
            Assert.True(reader.TryRead(out var large));
            Assert.Equal(new VariableRange(0, 70_000, 70_001, 80_000), large);
            Assert.True(reader.TryRead(out _));
            Assert.False(reader.TryRead(out _));
        }
    }

    private static void ReadAllOf(byte[] headers)
    {
        var reader = new ScgiHeaderReader(headers);
        while (reader.TryRead(out _))
        {
        }
    }

    private static string ReadAll(byte[] headers, in ReadOnlySequence<byte> bytes)
    {
        var text = new StringBuilder();
        var reader = new ScgiHeaderReader(bytes);
        while (reader.TryRead(out var header))
        {
            text.Append(Encoding.ASCII.GetString(headers, header.NameStart, header.NameLength)).Append('=')
                .Append(Encoding.ASCII.GetString(headers, header.ValueStart, header.ValueLength)).Append(';');
        }

        return text.ToString();
    }
}
