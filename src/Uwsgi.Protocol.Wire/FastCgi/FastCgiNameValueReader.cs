using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Uwsgi.Protocol.Wire;

/// <summary>Walks over FastCGI name-value pairs without copying them.</summary>
/// <remarks>
/// FastCGI 1.0, section 3.4. A pair is <c>name length, value length, name, value</c>; a length is one byte, or four, big endian, whose
/// highest bit is set. The block is whole: the content of one management record, or of all the records of a stream in a row, because
/// a pair may be cut anywhere by the records of FCGI_PARAMS.
/// </remarks>
public ref struct FastCgiNameValueReader : IVariableReader<FastCgiNameValueReader>
{
    //  0           1            or  0 1 2 3           1 or 4 bytes
    //  nameLength  valueLength      1nnnnnnn × 4      valueLength   name  value

    private const int LongLengthSize = 4;
    private const int LongLengthBit = 0x80;

    private readonly ReadOnlySequence<byte> _sequence;
    private readonly ReadOnlySpan<byte> _span;
    private readonly int _length;
    private int _offset;

    /// <summary>Starts at the first pair of a block.</summary>
    /// <param name="block">The block, in one piece.</param>
    public FastCgiNameValueReader(ReadOnlySpan<byte> block)
    {
        _span = block;
        _length = block.Length;
    }

    /// <summary>Starts at the first pair of a block.</summary>
    /// <param name="block">The block, in any number of pieces.</param>
    public FastCgiNameValueReader(in ReadOnlySequence<byte> block)
    {
        _length = checked((int)block.Length);
        if (block.IsSingleSegment)
        {
            _span = block.FirstSpan;
        }
        else
        {
            _sequence = block;
        }
    }

    static FastCgiNameValueReader IVariableReader<FastCgiNameValueReader>.Over(ReadOnlySpan<byte> block) => new(block);

    /// <summary>Reads the next pair.</summary>
    /// <param name="variable">Where its name and value stand in the block.</param>
    /// <returns><see langword="false"/> at the end of the block.</returns>
    /// <exception cref="WireFormatException">The block is malformed; its error says how.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(out VariableRange variable)
    {
        // Nearly every pair: two lengths of one byte.
        var offset = _offset;
        if (offset + 2 <= _span.Length)
        {
            int nameLength = _span[offset];
            int valueLength = _span[offset + 1];
            var nameStart = offset + 2;
            if (((nameLength | valueLength) & LongLengthBit) == 0 && nameLength != 0 && nameLength + valueLength <= _length - nameStart)
            {
                variable = new VariableRange(nameStart, nameLength, nameStart + nameLength, valueLength);
                _offset = nameStart + nameLength + valueLength;
                return true;
            }
        }

        if (offset == _length)
        {
            variable = default;
            return false;
        }

        variable = ReadAt(_sequence, _span, _length, offset);
        _offset = variable.ValueStart + variable.ValueLength;
        return true;
    }

    /// <summary>Every other pair. Differences are compared, and never sums: lengths go up to 2^31 - 1.</summary>
    private static VariableRange ReadAt(in ReadOnlySequence<byte> sequence, ReadOnlySpan<byte> span, int length, int offset)
    {
        if (!TryReadLength(sequence, span, length, ref offset, out var nameLength))
        {
            WireFormatException.Throw(WireError.NameLengthTruncated);
        }

        if (nameLength == 0)
        {
            WireFormatException.Throw(WireError.EmptyName);
        }

        if (!TryReadLength(sequence, span, length, ref offset, out var valueLength))
        {
            WireFormatException.Throw(WireError.ValueLengthTruncated);
        }

        var rest = length - offset;
        if (nameLength > rest || valueLength > rest - nameLength)
        {
            WireFormatException.Throw(nameLength > rest ? WireError.NameTruncated : WireError.ValueTruncated);
        }

        return new VariableRange(offset, nameLength, offset + nameLength, valueLength);
    }

    private static bool TryReadLength(
        in ReadOnlySequence<byte> sequence, ReadOnlySpan<byte> span, int length, ref int offset, out int value)
    {
        Span<byte> bytes = stackalloc byte[LongLengthSize];
        bytes = bytes[..Math.Min(LongLengthSize, length - offset)];
        if (span.Length != 0)
        {
            span.Slice(offset, bytes.Length).CopyTo(bytes);
        }
        else
        {
            sequence.Slice(offset, bytes.Length).CopyTo(bytes);
        }

        value = 0;
        if (bytes.IsEmpty)
        {
            return false;
        }

        if ((bytes[0] & LongLengthBit) == 0)
        {
            value = bytes[0];
            offset++;
            return true;
        }

        if (bytes.Length < LongLengthSize)
        {
            return false;
        }

        value = (int)(BinaryPrimitives.ReadUInt32BigEndian(bytes) & int.MaxValue);
        offset += LongLengthSize;
        return true;
    }
}
