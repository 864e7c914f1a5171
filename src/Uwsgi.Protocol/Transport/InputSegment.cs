using System.Buffers;

namespace Uwsgi.Protocol.Transport;

/// <summary>A pooled array of received bytes.</summary>
internal sealed class InputSegment : ReadOnlySequenceSegment<byte>
{
    private byte[] _array = [];

    public int End { get; private set; }

    public int Length => _array.Length;

    /// <summary>What has not been received into.</summary>
    public Span<byte> Room => _array.AsSpan(End);

    public InputSegment? Following => (InputSegment?)Next;

    public void Rent(int size) => _array = ArrayPool<byte>.Shared.Rent(size);

    public void Return()
    {
        ArrayPool<byte>.Shared.Return(_array);
        _array = [];
        Memory = default;
        Next = null;
        RunningIndex = 0;
        End = 0;
    }

    /// <summary>All of it has been consumed: starts again.</summary>
    public void Clear()
    {
        End = 0;
        RunningIndex = 0;
        Memory = default;
    }

    public void Commit(int count)
    {
        End += count;
        Memory = _array.AsMemory(0, End);
    }

    public void Append(InputSegment next)
    {
        next.RunningIndex = RunningIndex + End;
        Next = next;
    }
}
