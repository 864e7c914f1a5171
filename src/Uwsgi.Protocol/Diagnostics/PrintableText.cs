using System.Globalization;
using System.Text;

namespace Uwsgi.Protocol.Diagnostics;

/// <summary>Text of a client's, for a line of a log: it can neither end the line nor move the reader's cursor.</summary>
internal static class PrintableText
{
    // Enough to know it by.
    private const int MaxLength = 2048;

    /// <summary>Percent-encodes all that is neither a letter, a digit nor a mark of ASCII; a longer text is cut.</summary>
    public static string Of(string text) => Of(text, first: '!');

    /// <summary>The same, and spaces stay.</summary>
    public static string WithSpaces(string text) => Of(text, first: ' ');

    private static string Of(string text, char first)
    {
        var isCut = text.Length > MaxLength;
        if (!isCut && !text.AsSpan().ContainsAnyExceptInRange(first, '~'))
        {
            return text;
        }

        var printable = new StringBuilder();
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in text.AsSpan(0, Math.Min(text.Length, MaxLength)).EnumerateRunes())
        {
            if (rune.Value >= first && rune.Value <= '~')
            {
                printable.Append((char)rune.Value);
                continue;
            }

            foreach (var b in bytes[..rune.EncodeToUtf8(bytes)])
            {
                printable.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
            }
        }

        return printable.Append(isCut ? "..." : "").ToString();
    }
}
