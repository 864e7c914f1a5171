using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Uwsgi.Protocol.Wire;

/// <summary>Writes the head of an SCGI request: everything but the body.</summary>
/// <remarks>SCGI 1, "Protocol".</remarks>
public static class ScgiWriter
{
    private const string ContentLength = "CONTENT_LENGTH";
    private const string Scgi = "SCGI";
    private const int MaxLengthDigits = 10;

    /// <summary>
    /// Writes the netstring of the given variables: CONTENT_LENGTH first, wherever it stands among them and as <c>0</c> where it does not,
    /// then SCGI, which is <c>1</c>, then the others in their order.
    /// </summary>
    /// <param name="output">Where to.</param>
    /// <param name="variables">Names and values, written as UTF-8.</param>
    /// <exception cref="ArgumentException">
    /// A name is empty, a name or a value has a NUL in it, CONTENT_LENGTH is there twice or is not a number, SCGI is there, or all together
    /// are larger than 2^31 - 1 bytes.
    /// </exception>
    public static void Write(IBufferWriter<byte> output, IReadOnlyCollection<KeyValuePair<string, string>> variables)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(variables);

        var contentLength = FindContentLength(variables);
        var size = SizeOf(ContentLength, contentLength) + SizeOf(Scgi, "1");
        foreach (var (name, value) in variables)
        {
            if (!CanWrite(name, value))
            {
                throw new ArgumentException($"\"{name}\" is empty or has a NUL in it, or is the writer's own.", nameof(variables));
            }

            size += name == ContentLength ? 0 : SizeOf(name, value);
        }

        if (size > int.MaxValue - MaxLengthDigits - 2)
        {
            throw new ArgumentException($"The variables need {size} bytes.", nameof(variables));
        }

        var span = output.GetSpan(MaxLengthDigits + 2 + (int)size);
        Utf8Formatter.TryFormat(size, span, out var digits);
        span[digits] = (byte)':';
        var rest = WriteText(WriteText(span[(digits + 1)..], ContentLength), contentLength);
        rest = WriteText(WriteText(rest, Scgi), "1");
        foreach (var (name, value) in variables)
        {
            rest = name == ContentLength ? rest : WriteText(WriteText(rest, name), value);
        }

        rest[0] = (byte)',';
        output.Advance(digits + 2 + (int)size);
    }

    private static string FindContentLength(IReadOnlyCollection<KeyValuePair<string, string>> variables)
    {
        string? found = null;
        foreach (var (name, value) in variables)
        {
            if (name != ContentLength)
            {
                continue;
            }

            // Two lengths, or one that the peer reads in its own way, are two requests in one.
            if (found is not null || value.AsSpan().ContainsAnyExceptInRange('0', '9'))
            {
                throw new ArgumentException("CONTENT_LENGTH is not one number.", nameof(variables));
            }

            found = value;
        }

        return string.IsNullOrEmpty(found) ? "0" : found;
    }

    // A NUL would end the text early, and what follows it would be variables of somebody else's making.
    private static bool CanWrite(string name, string value) =>
        !string.IsNullOrEmpty(name) && name != Scgi && !name.Contains('\0', StringComparison.Ordinal) && !value.Contains('\0', StringComparison.Ordinal);

    private static long SizeOf(string name, string value) =>
        (long)Encoding.UTF8.GetByteCount(name) + 1 + Encoding.UTF8.GetByteCount(value) + 1;

    private static Span<byte> WriteText(Span<byte> destination, string text)
    {
        var length = Encoding.UTF8.GetBytes(text, destination);
        destination[length] = 0;
        return destination[(length + 1)..];
    }
}
