using System.Buffers;

namespace Uwsgi.Protocol.Wire;

/// <summary>
/// The variables of one request: one block of bytes and an index of names and values in it. Nothing is decoded until asked for.
/// The object is meant to be used again: <see cref="Clear"/> makes it as new.
/// </summary>
public sealed class CgiVariables
{
    // A browser's request through nginx has 20 to 30 variables in about 1 KB.
    private const int UsualCount = 48;
    private const int UsualSize = 4096;

    private readonly byte[] _usualBlock = new byte[UsualSize];
    private readonly int[] _known = new int[CgiVariableName.KnownCount]; // index + 1; 0 is "not there"
    private byte[] _block;
    private VariableRange[] _ranges = new VariableRange[UsualCount];
    private int _size;

    /// <summary>Creates an empty list.</summary>
    public CgiVariables() => _block = _usualBlock;

    /// <summary>How many variables there are, repeated ones each counted.</summary>
    public int Count { get; private set; }

    /// <summary>Whether CONTENT_LENGTH came more than once, with different values.</summary>
    public bool HasConflictingContentLength { get; private set; }

    /// <summary>The block that all ranges are in.</summary>
    public ReadOnlySpan<byte> Block => _block.AsSpan(0, _size);

    /// <summary>Takes a copy of a uwsgi packet's data and indexes it.</summary>
    /// <param name="data">The data.</param>
    /// <param name="maxCount">The largest number of variables to accept (uWSGI's <c>max-vars</c>).</param>
    /// <exception cref="WireFormatException">The data is malformed or has too many variables; the list is empty then.</exception>
    public void LoadUwsgi(in ReadOnlySequence<byte> data, int maxCount) => Load<UwsgiVariableReader>(data, maxCount);

    /// <summary>Takes a copy of FastCGI name-value pairs and indexes them.</summary>
    /// <param name="block">The content of all the FCGI_PARAMS records of a request, one after the other.</param>
    /// <param name="maxCount">The largest number of variables to accept.</param>
    /// <exception cref="WireFormatException">The block is malformed or has too many variables; the list is empty then.</exception>
    public void LoadFastCgi(in ReadOnlySequence<byte> block, int maxCount) => Load<FastCgiNameValueReader>(block, maxCount);

    /// <summary>Takes a copy of an SCGI request's headers and indexes them.</summary>
    /// <param name="headers">The netstring's content.</param>
    /// <param name="maxCount">The largest number of variables to accept.</param>
    /// <exception cref="WireFormatException">The headers are malformed or too many; the list is empty then.</exception>
    public void LoadScgi(in ReadOnlySequence<byte> headers, int maxCount) => Load<ScgiHeaderReader>(headers, maxCount);

    /// <summary>Takes a copy of another list, which nobody changes meanwhile.</summary>
    /// <param name="other">The other list.</param>
    public void Load(CgiVariables other)
    {
        ArgumentNullException.ThrowIfNull(other);
        CopyBlock(new ReadOnlySequence<byte>(other._block, 0, other._size));
        if (_ranges.Length < other.Count)
        {
            _ranges = new VariableRange[other._ranges.Length];
        }

        Array.Copy(other._ranges, _ranges, other.Count);
        other._known.CopyTo(_known, 0);
        Count = other.Count;
        HasConflictingContentLength = other.HasConflictingContentLength;
    }

    /// <summary>The bytes of a variable's name.</summary>
    /// <param name="index">Its place, from 0.</param>
    /// <returns>The name.</returns>
    public ReadOnlySpan<byte> GetName(int index)
    {
        ref readonly var range = ref Range(index);
        return _block.AsSpan(range.NameStart, range.NameLength);
    }

    /// <summary>The bytes of a variable's value.</summary>
    /// <param name="index">Its place, from 0.</param>
    /// <returns>The value.</returns>
    public ReadOnlySpan<byte> GetValue(int index)
    {
        ref readonly var range = ref Range(index);
        return _block.AsSpan(range.ValueStart, range.ValueLength);
    }

    /// <summary>Whether a variable is there, perhaps empty.</summary>
    /// <param name="variable">Which.</param>
    /// <returns><see langword="true"/> when it is.</returns>
    public bool Contains(CgiVariable variable) => _known[(int)variable] != 0;

    /// <summary>The value of a variable; of a repeated one the last, because a front end's own settings come last.</summary>
    /// <param name="variable">Which.</param>
    /// <returns>The value; empty when the variable is not there.</returns>
    public ReadOnlySpan<byte> this[CgiVariable variable]
    {
        get
        {
            var index = _known[(int)variable];
            return index == 0 ? default : GetValue(index - 1);
        }
    }

    /// <summary>Finds a variable by its name; of a repeated one the last.</summary>
    /// <param name="name">The name, in the case it has on the wire.</param>
    /// <returns>Its place, or -1.</returns>
    public int IndexOf(ReadOnlySpan<byte> name)
    {
        for (var i = Count - 1; i >= 0; i--)
        {
            // The length first: most names have another.
            if (_ranges[i].NameLength == name.Length && GetName(i).SequenceEqual(name))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        if (_block != _usualBlock)
        {
            ArrayPool<byte>.Shared.Return(_block);
            _block = _usualBlock;
        }

        _size = 0;
        Count = 0;
        HasConflictingContentLength = false;
        Array.Clear(_known);
    }

    private void Load<TReader>(in ReadOnlySequence<byte> data, int maxCount)
        where TReader : struct, IVariableReader<TReader>, allows ref struct
    {
        CopyBlock(data);
        try
        {
            Index<TReader>(maxCount);
        }
        catch (WireFormatException)
        {
            Clear();
            throw;
        }
    }

    private ref readonly VariableRange Range(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return ref _ranges[index];
    }

    private void CopyBlock(in ReadOnlySequence<byte> data)
    {
        Clear();
        var size = checked((int)data.Length);
        if (size > _block.Length)
        {
            _block = ArrayPool<byte>.Shared.Rent(size);
        }

        data.CopyTo(_block);
        _size = size;
    }

    // Locals instead of fields: once a variable, twenty times a request.
    private void Index<TReader>(int maxCount)
        where TReader : struct, IVariableReader<TReader>, allows ref struct
    {
        var block = Block;
        var ranges = _ranges;
        var known = _known;
        var count = 0;
        var reader = TReader.Over(block);
        while (reader.TryRead(out var variable))
        {
            if (count == maxCount)
            {
                WireFormatException.Throw(WireError.TooManyVariables, $"There are more than the {maxCount} variables allowed.");
            }

            if (count == ranges.Length)
            {
                ranges = Grow();
            }

            ranges[count++] = variable;
            var name = CgiVariableName.Identify(block.Slice(variable.NameStart, variable.NameLength));
            if (name == CgiVariable.ContentLength)
            {
                CheckContentLength(variable);
            }

            // What is not known goes to Other, which nobody reads.
            known[(int)name] = count;
        }

        known[(int)CgiVariable.Other] = 0;
        Count = count;
    }

    private VariableRange[] Grow()
    {
        Array.Resize(ref _ranges, _ranges.Length * 2);
        return _ranges;
    }

    private void CheckContentLength(VariableRange variable)
    {
        var index = _known[(int)CgiVariable.ContentLength];
        if (index != 0)
        {
            var before = _ranges[index - 1];
            HasConflictingContentLength |= !_block.AsSpan(before.ValueStart, before.ValueLength)
                .SequenceEqual(_block.AsSpan(variable.ValueStart, variable.ValueLength));
        }
    }
}
