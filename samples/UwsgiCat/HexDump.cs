using System.Globalization;
using System.Text;

namespace UwsgiCat;

/// <summary>Bytes for people: sixteen a line, by standard error.</summary>
internal sealed class HexDump(bool isWanted)
{
    private const int LineLength = 16;

    public void Write(char direction, ReadOnlySpan<byte> bytes)
    {
        for (var i = 0; isWanted && i < bytes.Length; i += LineLength)
        {
            var line = bytes.Slice(i, Math.Min(LineLength, bytes.Length - i));
            var text = new StringBuilder().Append(direction).Append(' ').Append(i.ToString("x6", CultureInfo.InvariantCulture)).Append("  ");
            for (var j = 0; j < LineLength; j++)
            {
                text.Append(j < line.Length ? line[j].ToString("x2", CultureInfo.InvariantCulture) : "  ").Append(j == 7 ? "  " : " ");
            }

            text.Append(' ');
            foreach (var b in line)
            {
                text.Append(b is >= 0x20 and < 0x7f ? (char)b : '.');
            }

            Console.Error.WriteLine(text);
        }
    }
}
