using System.Buffers;

namespace Uwsgi.Protocol.Wire;

/// <summary>Takes the netstring of an SCGI request, its headers, off a buffer.</summary>
/// <remarks>
/// SCGI 1, "Protocol", and D. J. Bernstein's netstrings: <c>length ":" bytes ","</c>. The length is decimal digits: no sign, no blank,
/// no leading zero.
/// </remarks>
public static class ScgiNetstringReader
{
    //  1 to 10   1    length   1
    //  length    ':'  headers  ','

    // 2,147,483,647 and the colon.
    private const int MaxPrefixSize = 11;

    /// <summary>Takes one netstring off the front of <paramref name="buffer"/>.</summary>
    /// <param name="buffer">The bytes; moved past the comma when a netstring was taken, untouched otherwise.</param>
    /// <param name="maxSize">The largest length to accept.</param>
    /// <param name="headers">The bytes between colon and comma, a slice of <paramref name="buffer"/>.</param>
    /// <returns><see langword="true"/> when a netstring was taken; <see langword="false"/> when more bytes are needed.</returns>
    /// <exception cref="WireFormatException">
    /// <see cref="WireError.InvalidNetstringLength"/>, <see cref="WireError.PacketTooLarge"/> or <see cref="WireError.MissingNetstringComma"/>.
    /// </exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, int maxSize, out ReadOnlySequence<byte> headers)
    {
        headers = default;
        if (!TryReadLength(buffer, maxSize, out var start, out var length) || buffer.Length - start <= length)
        {
            return false;
        }

        // A reader, because an empty segment may stand in front of the comma.
        var end = new SequenceReader<byte>(buffer.Slice(start + (long)length));
        if (!end.TryRead(out var comma) || comma != ',')
        {
            WireFormatException.Throw(WireError.MissingNetstringComma);
        }

        headers = buffer.Slice(start, length);
        buffer = end.UnreadSequence;
        return true;
    }

    private static bool TryReadLength(in ReadOnlySequence<byte> buffer, int maxSize, out int start, out int length)
    {
        scoped var prefix = buffer.FirstSpan;
        if (prefix.Length < MaxPrefixSize && !buffer.IsSingleSegment)
        {
            Span<byte> copy = stackalloc byte[MaxPrefixSize];
            var size = (int)Math.Min(MaxPrefixSize, buffer.Length);
            buffer.Slice(0, size).CopyTo(copy);
            prefix = copy[..size];
        }

        // Digit by digit: what is wrong or too large is refused with the first byte that shows it, and nothing is waited for.
        var value = 0L;
        for (start = 0; start < prefix.Length; start++)
        {
            var digit = prefix[start] - '0';
            if (digit == ':' - '0' && start > 0)
            {
                start++;
                length = (int)value;
                return true;
            }

            if ((uint)digit > 9 || (start > 0 && value == 0))
            {
                WireFormatException.Throw(WireError.InvalidNetstringLength);
            }

            value = (value * 10) + digit;
            if (value > maxSize)
            {
                WireFormatException.Throw(
                    WireError.PacketTooLarge, $"The netstring's length is {value} or more, and {maxSize} is allowed.");
            }
        }

        length = 0;
        return false;
    }
}
