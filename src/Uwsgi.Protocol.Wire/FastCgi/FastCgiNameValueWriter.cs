using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Uwsgi.Protocol.Wire;

/// <summary>Writes FastCGI name-value pairs.</summary>
/// <remarks>FastCGI 1.0, section 3.4.</remarks>
public static class FastCgiNameValueWriter
{
    private const int MaxShortLength = 127;
    private const uint LongLengthBit = 0x8000_0000;

    /// <summary>Writes a block of pairs, in their order.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="variables">Names and values, written as UTF-8.</param>
    /// <exception cref="ArgumentException">A name is empty, or all together are larger than 2^31 - 1 bytes.</exception>
    public static void Write(IBufferWriter<byte> output, IReadOnlyCollection<KeyValuePair<string, string>> variables)
    {
        ArgumentNullException.ThrowIfNull(output);
        var size = GetSize(variables);
        WriteTo(output.GetSpan(size), variables);
        output.Advance(size);
    }

    /// <summary>How many bytes a block of pairs needs.</summary>
    /// <param name="variables">Names and values.</param>
    /// <returns>The size.</returns>
    /// <exception cref="ArgumentException">A name is empty, or all together are larger than 2^31 - 1 bytes.</exception>
    public static int GetSize(IReadOnlyCollection<KeyValuePair<string, string>> variables)
    {
        ArgumentNullException.ThrowIfNull(variables);
        var size = 0L;
        foreach (var (name, value) in variables)
        {
            ArgumentException.ThrowIfNullOrEmpty(name, nameof(variables));
            var nameLength = Encoding.UTF8.GetByteCount(name);
            var valueLength = Encoding.UTF8.GetByteCount(value);
            size += LengthSize(nameLength) + LengthSize(valueLength) + (long)nameLength + valueLength;
        }

        return size <= int.MaxValue
            ? (int)size
            : throw new ArgumentException($"The variables need {size} bytes.", nameof(variables));
    }

    /// <summary>Writes a block of pairs.</summary>
    /// <param name="destination">At least as many bytes as <see cref="GetSize"/> says.</param>
    /// <param name="variables">Names and values, written as UTF-8.</param>
    public static void WriteTo(Span<byte> destination, IReadOnlyCollection<KeyValuePair<string, string>> variables)
    {
        ArgumentNullException.ThrowIfNull(variables);
        foreach (var (name, value) in variables)
        {
            var nameLength = Encoding.UTF8.GetByteCount(name);
            var valueLength = Encoding.UTF8.GetByteCount(value);
            destination = WriteLength(WriteLength(destination, nameLength), valueLength);
            destination = destination[Encoding.UTF8.GetBytes(name, destination)..];
            destination = destination[Encoding.UTF8.GetBytes(value, destination)..];
        }
    }

    private static int LengthSize(int length) => length <= MaxShortLength ? sizeof(byte) : sizeof(uint);

    private static Span<byte> WriteLength(Span<byte> destination, int length)
    {
        if (length <= MaxShortLength)
        {
            destination[0] = (byte)length;
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)length | LongLengthBit);
        }

        return destination[LengthSize(length)..];
    }
}
