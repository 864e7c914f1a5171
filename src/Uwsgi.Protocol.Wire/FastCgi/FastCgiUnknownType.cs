using System.Buffers;

namespace Uwsgi.Protocol.Wire;

/// <summary>The content of the record that answers a management record of a type that is not known.</summary>
/// <param name="Type">The type that is not known.</param>
/// <remarks>FastCGI 1.0, section 4.2: FCGI_UnknownTypeBody.</remarks>
public readonly record struct FastCgiUnknownType(FastCgiRecordType Type)
{
    //  0     1 2 3 4 5 6 7
    //  type  reserved

    /// <summary>The size of the content in bytes.</summary>
    public const int Size = FastCgiBody.Size;

    private const int TypeShift = 56;

    /// <summary>Reads the content of a record.</summary>
    /// <param name="content">The content, whole.</param>
    /// <returns>What it says.</returns>
    /// <exception cref="WireFormatException"><see cref="WireError.InvalidUnknownType"/>.</exception>
    public static FastCgiUnknownType Parse(in ReadOnlySequence<byte> content) =>
        new((FastCgiRecordType)(byte)(FastCgiBody.Read(content, WireError.InvalidUnknownType) >> TypeShift));

    /// <summary>Writes the content.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    public void WriteTo(Span<byte> destination) => FastCgiBody.Write(destination, (ulong)Type << TypeShift);
}
