using System.Buffers;
using System.Buffers.Binary;

namespace Uwsgi.Protocol.Wire;

/// <summary>The eight bytes in front of every FastCGI record.</summary>
/// <param name="Type">What the record is.</param>
/// <param name="RequestId">Which request it belongs to; 0 (FCGI_NULL_REQUEST_ID) for a management record.</param>
/// <param name="ContentLength">How many bytes of content follow.</param>
/// <param name="PaddingLength">How many bytes follow the content, to be passed over.</param>
/// <remarks>FastCGI 1.0, section 3.3. Numbers are big endian.</remarks>
public readonly record struct FastCgiRecordHeader(FastCgiRecordType Type, ushort RequestId, ushort ContentLength, byte PaddingLength)
{
    //  0        1     2  3       4  5           6              7
    //  version  type  requestId  contentLength  paddingLength  reserved

    /// <summary>The size of a header in bytes (FCGI_HEADER_LEN).</summary>
    public const int Size = 8;

    /// <summary>The only version there is (FCGI_VERSION_1).</summary>
    public const byte Version = 1;

    // Section 3.3 recommends records whose size is a multiple of eight.
    private const int Alignment = 8;

    /// <summary>The size of the whole record: header, content and padding.</summary>
    public int RecordLength => Size + ContentLength + PaddingLength;

    /// <summary>Whether the record is about the application and not about a request.</summary>
    public bool IsManagement => RequestId == 0;

    /// <summary>The header of a record whose padding makes its size a multiple of eight.</summary>
    /// <param name="type">What the record is.</param>
    /// <param name="requestId">Which request it belongs to.</param>
    /// <param name="contentLength">How many bytes of content follow.</param>
    /// <returns>The header.</returns>
    public static FastCgiRecordHeader Padded(FastCgiRecordType type, ushort requestId, ushort contentLength) =>
        new(type, requestId, contentLength, (byte)(-contentLength & (Alignment - 1)));

    /// <summary>Reads a header from the front of <paramref name="buffer"/>, which stays as it is.</summary>
    /// <param name="buffer">The bytes.</param>
    /// <param name="header">The header.</param>
    /// <returns><see langword="false"/> when there are fewer than <see cref="Size"/> bytes.</returns>
    /// <exception cref="WireFormatException"><see cref="WireError.UnsupportedVersion"/>, as soon as the first byte is there.</exception>
    public static bool TryParse(in ReadOnlySequence<byte> buffer, out FastCgiRecordHeader header)
    {
        var first = buffer.FirstSpan;
        if (first.Length >= Size)
        {
            header = Parse(first);
            return true;
        }

        Span<byte> bytes = stackalloc byte[Size];
        var length = (int)Math.Min(Size, buffer.Length);
        buffer.Slice(0, length).CopyTo(bytes);
        if (length == Size)
        {
            header = Parse(bytes);
            return true;
        }

        // What speaks another protocol is not asked for seven more bytes.
        if (length != 0)
        {
            CheckVersion(bytes[0]);
        }

        header = default;
        return false;
    }

    /// <summary>Writes the header.</summary>
    /// <param name="destination">At least <see cref="Size"/> bytes.</param>
    public void WriteTo(Span<byte> destination)
    {
        destination[7] = 0;
        destination[0] = Version;
        destination[1] = (byte)Type;
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], RequestId);
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], ContentLength);
        destination[6] = PaddingLength;
    }

    private static FastCgiRecordHeader Parse(ReadOnlySpan<byte> bytes)
    {
        CheckVersion(bytes[0]);
        return new FastCgiRecordHeader(
            (FastCgiRecordType)bytes[1],
            BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]),
            BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]),
            bytes[6]);
    }

    private static void CheckVersion(byte version)
    {
        if (version != Version)
        {
            WireFormatException.Throw(WireError.UnsupportedVersion, $"A FastCGI record's version is {version} instead of {Version}.");
        }
    }
}
