using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Uwsgi.Protocol.Wire;

/// <summary>Writes uwsgi packets.</summary>
public static class UwsgiPacketWriter
{
    /// <summary>Writes one packet with the given variables, in their order.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="modifier1">What the packet is; 0 is a request.</param>
    /// <param name="modifier2">Refines <paramref name="modifier1"/>.</param>
    /// <param name="variables">Names and values, written as UTF-8.</param>
    /// <exception cref="ArgumentException">A name is empty, or all together are larger than the 65,535 bytes a packet can hold.</exception>
    public static void Write(
        IBufferWriter<byte> output,
        byte modifier1,
        byte modifier2,
        IReadOnlyCollection<KeyValuePair<string, string>> variables)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(variables);

        // The size goes first, so it is known first; a size that does not fit is refused, never cut to 16 bits.
        var size = 0L;
        foreach (var (name, value) in variables)
        {
            ArgumentException.ThrowIfNullOrEmpty(name, nameof(variables));
            size += 2 * sizeof(ushort) + Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value);
        }

        if (size > ushort.MaxValue)
        {
            throw new ArgumentException(
                $"The variables need {size} bytes; a uwsgi packet holds {ushort.MaxValue}.", nameof(variables));
        }

        var total = UwsgiPacketHeader.Size + (int)size;
        var span = output.GetSpan(total);
        new UwsgiPacketHeader(modifier1, (ushort)size, modifier2).WriteTo(span);
        var rest = span[UwsgiPacketHeader.Size..];
        foreach (var (name, value) in variables)
        {
            rest = WriteText(WriteText(rest, name), value);
        }

        output.Advance(total);
    }

    private static Span<byte> WriteText(Span<byte> destination, string text)
    {
        var length = Encoding.UTF8.GetBytes(text, destination[sizeof(ushort)..]);
        BinaryPrimitives.WriteUInt16LittleEndian(destination, (ushort)length);
        return destination[(sizeof(ushort) + length)..];
    }
}
