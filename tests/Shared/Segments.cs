using System.Buffers;

namespace Uwsgi.Protocol.Testing;

/// <summary>The same bytes in every shape a pipe may deliver them in.</summary>
public static class Segments
{
    /// <summary>A sequence of the given pieces, each in memory of its own: reading past one is never reading the next.</summary>
    public static ReadOnlySequence<byte> Of(params byte[][] pieces)
    {
        var first = new Segment(null, pieces.Length == 0 ? [] : pieces[0]);
        var last = first;
        foreach (var piece in pieces.Skip(1))
        {
            last = new Segment(last, piece);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    /// <summary>The bytes in two pieces, the first <paramref name="at"/> bytes long.</summary>
    public static ReadOnlySequence<byte> SplitAt(ReadOnlySpan<byte> bytes, int at) =>
        Of(bytes[..at].ToArray(), bytes[at..].ToArray());

    /// <summary>The same without a copy, for many splits of large inputs: both pieces stand in the one array.</summary>
    public static ReadOnlySequence<byte> View(byte[] bytes, int at)
    {
        var first = new Segment(null, bytes.AsMemory(0, at));
        var second = new Segment(first, bytes.AsMemory(at));
        return new ReadOnlySequence<byte>(first, 0, second, second.Memory.Length);
    }

    /// <summary>The bytes in pieces of one byte.</summary>
    public static ReadOnlySequence<byte> ByteWise(ReadOnlySpan<byte> bytes) =>
        Of([.. bytes.ToArray().Select(b => (byte[])[b])]);

    /// <summary>Whole, every split in two (empty halves too), a byte each, and a byte each with empty segments between.</summary>
    public static IEnumerable<(string Shape, ReadOnlySequence<byte> Bytes)> EveryShapeOf(ReadOnlySpan<byte> bytes) =>
        EveryShapeOf(bytes.ToArray(), every: 1);

    /// <summary>The same, with a split only at every <paramref name="every"/>th place: for large inputs.</summary>
    public static IEnumerable<(string Shape, ReadOnlySequence<byte> Bytes)> EveryShapeOf(byte[] bytes, int every)
    {
        yield return ("whole", new ReadOnlySequence<byte>(bytes));
        for (var at = 0; at <= bytes.Length; at += every)
        {
            yield return ($"split at {at}", SplitAt(bytes, at));
        }

        yield return ("a byte each", ByteWise(bytes));
        yield return ("a byte each, empty segments between", Of([.. bytes.SelectMany(b => (byte[][])[[], [b]]), []]));
    }

    /// <summary>Every part of the bytes that starts at the start and ends before the end.</summary>
    public static IEnumerable<byte[]> EveryProperPrefixOf(ReadOnlySpan<byte> bytes)
    {
        var copy = bytes.ToArray();
        return Enumerable.Range(0, copy.Length).Select(length => copy[..length]);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(Segment? previous, ReadOnlyMemory<byte> bytes)
        {
            Memory = bytes;
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }
}
