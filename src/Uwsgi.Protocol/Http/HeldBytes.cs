using System.Buffers;

namespace Uwsgi.Protocol.Http;

/// <summary>Bytes that wait for their time: a pooled buffer that grows.</summary>
internal struct HeldBytes
{
    private const int UsualSize = 4096;

    private byte[]? _buffer;
    private Memory<byte> _lent;

    public int Length { get; private set; }

    public readonly ReadOnlySpan<byte> Written => _buffer.AsSpan(0, Length);

    /// <inheritdoc cref="Written"/>
    public readonly ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, Length);

    /// <summary>Whether room was given out that has not been advanced over.</summary>
    public readonly bool IsLent => !_lent.IsEmpty;

    /// <summary>Gives out room behind what is held.</summary>
    public Memory<byte> Lend(int length) => _lent = GetMemory(length);

    /// <summary>What has been written into the room that was given out, wherever the rest has gone meanwhile.</summary>
    public ReadOnlySpan<byte> TakeLent(int bytes)
    {
        ReadOnlySpan<byte> taken = _lent.Span[..bytes];
        _lent = default;
        return taken;
    }

    public void Advance(int bytes)
    {
        Length += bytes;
        _lent = default;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetMemory(bytes.Length).Span);
        Length += bytes.Length;
    }

    /// <summary>Forgets the bytes, and keeps their room.</summary>
    public void Clear() => Length = 0;

    /// <summary>Gives the room back too, unless somebody may still write into it.</summary>
    public void Drop()
    {
        if (_buffer is not null && !IsLent)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = null;
        Length = 0;
    }

    private Memory<byte> GetMemory(int length)
    {
        length = Math.Max(length, 1);
        if (_buffer is null)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(length, UsualSize));
        }
        else if (_buffer.Length - Length < length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + length, _buffer.Length * 2));
            Written.CopyTo(larger);
            if (!IsLent)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
            }

            _buffer = larger;
        }

        return _buffer.AsMemory(Length);
    }
}
