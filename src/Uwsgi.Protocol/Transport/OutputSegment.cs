using System.Buffers;

namespace Uwsgi.Protocol.Transport;

/// <summary>A pooled array of bytes to send.</summary>
internal sealed class OutputSegment
{
    private byte[] _array = [];

    /// <summary>Up to where it has been sent.</summary>
    public int Start { get; set; }

    /// <summary>Up to where it has been written.</summary>
    public int End { get; set; }

    public OutputSegment? Next { get; set; }

    public Memory<byte> Room => _array.AsMemory(End);

    public ReadOnlySpan<byte> Unsent(int end) => _array.AsSpan(Start, end - Start);

    public void Rent(int size) => _array = ArrayPool<byte>.Shared.Rent(size);

    public void Return()
    {
        ArrayPool<byte>.Shared.Return(_array);
        _array = [];
        Start = End = 0;
        Next = null;
    }
}
