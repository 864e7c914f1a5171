using System.Buffers;

namespace Uwsgi.Protocol.Wire;

/// <summary>Takes uwsgi packets off a buffer.</summary>
public static class UwsgiPacketReader
{
    /// <summary>Takes one packet off the front of <paramref name="buffer"/>.</summary>
    /// <param name="buffer">The bytes; moved past the packet when one was taken, untouched otherwise.</param>
    /// <param name="maxDataSize">The largest <c>datasize</c> to accept (uWSGI's <c>buffer-size</c>).</param>
    /// <param name="header">The packet's header; valid as soon as its four bytes are there.</param>
    /// <param name="data">The packet's content, a slice of <paramref name="buffer"/>.</param>
    /// <returns><see langword="true"/> when a packet was taken; <see langword="false"/> when more bytes are needed.</returns>
    /// <exception cref="WireFormatException"><see cref="WireError.PacketTooLarge"/>.</exception>
    public static bool TryRead(
        ref ReadOnlySequence<byte> buffer,
        int maxDataSize,
        out UwsgiPacketHeader header,
        out ReadOnlySequence<byte> data)
    {
        data = default;
        if (!UwsgiPacketHeader.TryParse(buffer, out header))
        {
            return false;
        }

        // Before asking for more: what is too large is never waited for.
        if (header.DataSize > maxDataSize)
        {
            WireFormatException.Throw(
                WireError.PacketTooLarge,
                $"The packet's datasize is {header.DataSize}, more than the {maxDataSize} allowed.");
        }

        var end = UwsgiPacketHeader.Size + header.DataSize;
        if (buffer.Length < end)
        {
            return false;
        }

        data = buffer.Slice(UwsgiPacketHeader.Size, header.DataSize);
        buffer = buffer.Slice(end);
        return true;
    }
}
