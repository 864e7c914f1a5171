using System.Buffers;

namespace Uwsgi.Protocol.Wire;

/// <summary>Takes FastCGI records off a buffer.</summary>
/// <remarks>FastCGI 1.0, section 3.3. A record is at most 65,798 bytes long: there is no limit to configure.</remarks>
public static class FastCgiRecordReader
{
    /// <summary>Takes one record, padding and all, off the front of <paramref name="buffer"/>.</summary>
    /// <param name="buffer">The bytes; moved past the record when one was taken, untouched otherwise.</param>
    /// <param name="header">The record's header; valid as soon as its eight bytes are there.</param>
    /// <param name="content">The record's content without its padding, a slice of <paramref name="buffer"/>.</param>
    /// <returns><see langword="true"/> when a record was taken; <see langword="false"/> when more bytes are needed.</returns>
    /// <exception cref="WireFormatException"><see cref="WireError.UnsupportedVersion"/>.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, out FastCgiRecordHeader header, out ReadOnlySequence<byte> content)
    {
        content = default;
        if (!FastCgiRecordHeader.TryParse(buffer, out header) || buffer.Length < header.RecordLength)
        {
            return false;
        }

        content = buffer.Slice(FastCgiRecordHeader.Size, header.ContentLength);
        buffer = buffer.Slice(header.RecordLength);
        return true;
    }
}
