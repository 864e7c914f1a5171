using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
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
        // One chain of two loads and four comparisons a variable; what is wrong with a bad one is found out afterwards.
        var nameStart = _offset + LengthSize;
        if (nameStart <= _length)
        {
            var nameLength = LengthAt(_offset);
            var valueStart = nameStart + nameLength + LengthSize;
            if (nameLength != 0 && valueStart <= _length)
            {
                var valueLength = LengthAt(valueStart - LengthSize);
                if (valueStart + valueLength <= _length)
                {
                    variable = new VariableRange(nameStart, nameLength, valueStart, valueLength);
                    _offset = valueStart + valueLength;
                    return true;
                }
            }
        }

        if (_offset != _length)
        {
            ThrowMalformed(this);
        }

        variable = default;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int LengthAt(int offset)
    {
        if (_span.Length == 0)
        {
            return LengthInSequenceAt(_sequence, offset);
        }

        // Whoever asks has seen that it is all there: another look stands in the chain of those loads.
        var length = Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref MemoryMarshal.GetReference(_span), (nint)(uint)offset));
        return BitConverter.IsLittleEndian ? length : BinaryPrimitives.ReverseEndianness(length);
    }

    // What is seldom called gets copies: a reader whose address nobody takes can live in registers.
    private static int LengthInSequenceAt(ReadOnlySequence<byte> sequence, int offset)
    {
        Span<byte> bytes = stackalloc byte[LengthSize];
        sequence.Slice(offset, LengthSize).CopyTo(bytes);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    [DoesNotReturn]
    private static void ThrowMalformed(UwsgiVariableReader reader)
    {
        var nameStart = reader._offset + LengthSize;
        if (nameStart > reader._length)
        {
            WireFormatException.Throw(WireError.NameLengthTruncated);
        }

        var nameLength = reader.LengthAt(reader._offset);
        if (nameLength == 0)
        {
            WireFormatException.Throw(WireError.EmptyName);
        }

        var nameEnd = nameStart + nameLength;
        WireFormatException.Throw(
            nameEnd > reader._length ? WireError.NameTruncated
            : nameEnd + LengthSize > reader._length ? WireError.ValueLengthTruncated
            : WireError.ValueTruncated);
    }
}
