using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Uwsgi.Protocol.Wire;

/// <summary>Walks over the variables of a uwsgi packet without copying them.</summary>
/// <remarks>
/// uwsgi protocol, "the uwsgi vars". A variable is <c>u16 length, name, u16 length, value</c>, lengths little endian;
/// there is no terminator, a value may be empty, a name may not, and names may repeat.
/// </remarks>
public ref struct UwsgiVariableReader : IVariableReader<UwsgiVariableReader>
{
    private const int LengthSize = sizeof(ushort);

    private readonly ReadOnlySequence<byte> _sequence;
    private readonly ReadOnlySpan<byte> _span;
    private readonly int _length;
    private int _offset;

    /// <summary>Starts at the first variable of a packet's data.</summary>
    /// <param name="data">The packet's data, in one piece.</param>
    public UwsgiVariableReader(ReadOnlySpan<byte> data)
    {
        _span = data;
        _length = data.Length;
    }

    /// <summary>Starts at the first variable of a packet's data.</summary>
    /// <param name="data">The packet's data, in any number of pieces.</param>
    public UwsgiVariableReader(in ReadOnlySequence<byte> data)
    {
        _length = checked((int)data.Length);
        if (data.IsSingleSegment)
        {
            _span = data.FirstSpan;
        }
        else
        {
            _sequence = data;
        }
    }

    static UwsgiVariableReader IVariableReader<UwsgiVariableReader>.Over(ReadOnlySpan<byte> block) => new(block);

    /// <summary>Reads the next variable.</summary>
    /// <param name="variable">Where its name and value stand in the packet's data.</param>
    /// <returns><see langword="false"/> at the end of the data.</returns>
    /// <exception cref="WireFormatException">The data is malformed; its error says how.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(out VariableRange variable)
    {
        // Nearly every variable: a chain of two loads, where whatever else stands in it would be paid for by each. So what is compared here is
        // not compared again, and what is seldom called gets copies: a reader whose address nobody takes can live in registers.
        nint length = _span.Length;
        nint nameStart = _offset + LengthSize;
        if (nameStart <= length)
        {
            nint nameLength = LengthAt(_span, nameStart - LengthSize);
            var valueStart = nameStart + nameLength + LengthSize;
            if (nameLength != 0 && valueStart <= length)
            {
                nint valueLength = LengthAt(_span, valueStart - LengthSize);
                var end = valueStart + valueLength;
                if (end <= length)
                {
                    variable = new VariableRange((int)nameStart, (int)nameLength, (int)valueStart, (int)valueLength);
                    _offset = (int)end;
                    return true;
                }
            }
        }

        if (_offset == _length)
        {
            variable = default;
            return false;
        }

        variable = ReadAt(_sequence, _span, _length, _offset);
        _offset = variable.ValueStart + variable.ValueLength;
        return true;
    }

    /// <summary>A length of which the caller knows that it is all there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ushort LengthAt(ReadOnlySpan<byte> span, nint offset)
    {
        var length = Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref MemoryMarshal.GetReference(span), offset));
        return BitConverter.IsLittleEndian ? length : BinaryPrimitives.ReverseEndianness(length);
    }

    /// <summary>Every other variable: one of several pieces, or malformed.</summary>
    private static VariableRange ReadAt(ReadOnlySequence<byte> sequence, ReadOnlySpan<byte> span, int length, int offset)
    {
        var nameStart = offset + LengthSize;
        if (nameStart > length)
        {
            WireFormatException.Throw(WireError.NameLengthTruncated);
        }

        var nameLength = ReadLength(sequence, span, offset);
        if (nameLength == 0)
        {
            WireFormatException.Throw(WireError.EmptyName);
        }

        var nameEnd = nameStart + nameLength;
        var valueStart = nameEnd + LengthSize;
        if (valueStart > length)
        {
            WireFormatException.Throw(nameEnd > length ? WireError.NameTruncated : WireError.ValueLengthTruncated);
        }

        var valueLength = ReadLength(sequence, span, nameEnd);
        if (valueLength > length - valueStart)
        {
            WireFormatException.Throw(WireError.ValueTruncated);
        }

        return new VariableRange(nameStart, nameLength, valueStart, valueLength);
    }

    private static int ReadLength(in ReadOnlySequence<byte> sequence, ReadOnlySpan<byte> span, int offset)
    {
        if (span.Length != 0)
        {
            return BinaryPrimitives.ReadUInt16LittleEndian(span[offset..]);
        }

        Span<byte> bytes = stackalloc byte[LengthSize];
        sequence.Slice(offset, LengthSize).CopyTo(bytes);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }
}
