namespace Uwsgi.Protocol.Ini;

/// <summary>A file's mode as uWSGI has it: three octal digits, or four of which the first is 0.</summary>
internal static class OctalMode
{
    /// <exception cref="FormatException">It is none.</exception>
    public static UnixFileMode Parse(string text) =>
        text.Length is 3 or 4 && text.All(static digit => digit is >= '0' and <= '7') && (text.Length == 3 || text[0] == '0')
            ? (UnixFileMode)Convert.ToInt32(text, 8)
            : throw new FormatException($"'{text}' is not a mode such as 660.");
}
