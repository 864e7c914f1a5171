using System.Buffers;
using System.Buffers.Binary;

namespace Uwsgi.Protocol.Wire;

/// <summary>The four bytes in front of every uwsgi packet.</summary>
/// <param name="Modifier1">What the packet is; 0 is a request.</param>
/// <param name="DataSize">How many bytes follow.</param>
/// <param name="Modifier2">Refines <paramref name="Modifier1"/>.</param>
/// <remarks>uwsgi protocol, "uwsgi packet header". <c>datasize</c> is little endian.</remarks>
public readonly record struct UwsgiPacketHeader(byte Modifier1, ushort DataSize, byte Modifier2)
{
    //  0          1      2   3
    //  modifier1  datasize   modifier2

    /// <summary>The size of a header in bytes.</summary>
    public const int Size = 4;

    /// <summary>Reads a header from the front of <paramref name="buffer"/>, which stays as it is.</summary>
    /// <param name="buffer">The bytes.</param>
    /// <param name="header">The header.</param>
    /// <returns><see langword="false"/> when there are fewer than <see cref="Size"/> bytes.</returns>
    public static bool TryParse(in ReadOnlySequence<byte> buffer, out UwsgiPacketHeader header)
    {
        var first = buffer.FirstSpan;
        if (first.Length >= Size)
        {
            header = Parse(first);
            return true;
        }

        if (buffer.Length < Size)
        {
            header = default;
            return false;
        }

        Span<byte> bytes = stackalloc byte[Size];
        buffer.Slice(0, Size).CopyTo(bytes);
        header = Parse(bytes);
        return true;
    }

    /// <summary>Writes the header.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    public void WriteTo(Span<byte> destination)
    {
        destination[3] = Modifier2;
        destination[0] = Modifier1;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[1..], DataSize);
    }

    private static UwsgiPacketHeader Parse(ReadOnlySpan<byte> bytes) =>
        new(bytes[0], BinaryPrimitives.ReadUInt16LittleEndian(bytes[1..]), bytes[3]);
}
