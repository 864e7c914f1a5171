using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Uwsgi.Protocol.Wire;

/// <summary>Walks over the headers of an SCGI request without copying them.</summary>
/// <remarks>
/// SCGI 1, "Protocol": <c>name NUL value NUL</c>, over and over. A value may be empty, a name may not. The specification forbids names
/// that repeat; front ends send them, so they are read.
/// </remarks>
public ref struct ScgiHeaderReader : IVariableReader<ScgiHeaderReader>
{
    private readonly ReadOnlySequence<byte> _sequence;
    private readonly ReadOnlySpan<byte> _span;
    private readonly int _length;
    private int _offset;

    /// <summary>Starts at the first header.</summary>
    /// <param name="headers">The netstring's content, in one piece.</param>
    public ScgiHeaderReader(ReadOnlySpan<byte> headers)
    {
        _span = headers;
        _length = headers.Length;
    }

    /// <summary>Starts at the first header.</summary>
    /// <param name="headers">The netstring's content, in any number of pieces.</param>
    public ScgiHeaderReader(in ReadOnlySequence<byte> headers)
    {
        _length = checked((int)headers.Length);
        if (headers.IsSingleSegment)
        {
            _span = headers.FirstSpan;
        }
        else
        {
            _sequence = headers;
        }
    }

    static ScgiHeaderReader IVariableReader<ScgiHeaderReader>.Over(ReadOnlySpan<byte> block) => new(block);

    /// <summary>Reads the next header.</summary>
    /// <param name="variable">Where its name and value stand.</param>
    /// <returns><see langword="false"/> at the end.</returns>
    /// <exception cref="WireFormatException">The headers are malformed; the error says how.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(out VariableRange variable)
    {
        if (_offset == _length)
        {
            variable = default;
            return false;
        }

        var nameStart = _offset;
        var nameLength = LengthAt(nameStart);
        var valueStart = nameStart + nameLength + 1;
        var valueLength = nameLength > 0 && valueStart < _length ? LengthAt(valueStart) : -1;
        if (valueLength < 0)
        {
            ThrowMalformed(nameLength, valueStart < _length);
        }

        variable = new VariableRange(nameStart, nameLength, valueStart, valueLength);
        _offset = valueStart + valueLength + 1;
        return true;
    }

    /// <summary>How many bytes there are before the next NUL; -1 where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly int LengthAt(int offset) =>
        _span.Length != 0 ? _span[offset..].IndexOf((byte)0) : LengthInSequenceAt(_sequence, offset);

    // What is seldom called gets a copy: a reader whose address nobody takes can live in registers.
    private static int LengthInSequenceAt(ReadOnlySequence<byte> sequence, int offset)
    {
        var length = 0;
        foreach (var memory in sequence.Slice(offset))
        {
            var index = memory.Span.IndexOf((byte)0);
            if (index >= 0)
            {
                return length + index;
            }

            length += memory.Length;
        }

        return -1;
    }

    [DoesNotReturn]
    private static void ThrowMalformed(int nameLength, bool hasValue) => WireFormatException.Throw(
        nameLength < 0 ? WireError.UnterminatedName
        : nameLength == 0 ? WireError.EmptyName
        : hasValue ? WireError.UnterminatedValue
        : WireError.MissingValue);
}
