using System.Buffers;

namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>Gives exactly as many bytes as asked for, none of them zero: what is not written is seen.</summary>
internal sealed class StingyBufferWriter : IBufferWriter<byte>
{
    private readonly List<byte> _written = [];
    private byte[] _given = [];

    public void Advance(int count)
    {
        _written.AddRange(_given.AsSpan(0, count));
        _given = [];
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        _given = new byte[Math.Max(sizeHint, 1)];
        Array.Fill(_given, (byte)0xCC);
        return _given;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public byte[] ToArray() => [.. _written];
}
