using System.Buffers;
using System.Buffers.Binary;

namespace Uwsgi.Protocol.Wire;

/// <summary>The content of the records that have a fixed one: eight bytes, here as one big endian number.</summary>
internal static class FastCgiBody
{
    public const int Size = sizeof(ulong);

    /// <exception cref="WireFormatException">The content is not eight bytes long.</exception>
    public static ulong Read(in ReadOnlySequence<byte> content, WireError error)
    {
        if (content.Length != Size)
        {
            WireFormatException.Throw(error, $"The content of a FastCGI record is {content.Length} bytes long instead of {Size} ({error}).");
        }

        Span<byte> bytes = stackalloc byte[Size];
        content.CopyTo(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    public static void Write(Span<byte> destination, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(destination, value);
}
