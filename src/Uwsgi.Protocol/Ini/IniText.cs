namespace Uwsgi.Protocol.Ini;

/// <summary>
/// The lines of one section, by uWSGI's rules: comments have lines of their own, the first equals sign divides, quotes are characters like
/// others, nothing is continued or escaped.
/// </summary>
internal static class IniText
{
    // What uWSGI strips, and nothing else that .NET takes for white space.
    private static readonly char[] Blanks = [' ', '\t', '\r'];

    /// <summary>Reads the options of a section, wherever in the text it stands, and as often.</summary>
    /// <param name="text">The text; a byte order mark has been taken off.</param>
    /// <param name="file">Its name, for errors.</param>
    /// <param name="section">The section, without brackets.</param>
    /// <param name="substitute">What becomes of each line before it is read.</param>
    /// <param name="found">Gets the names of all sections.</param>
    /// <exception cref="FormatException">A line is none of these; the message names it.</exception>
    public static IEnumerable<IniAssignment> Read(string text, string file, string section, Func<string, IniPosition, string> substitute, ICollection<string> found)
    {
        var isInside = false;
        var position = new IniPosition(file, 0);
        foreach (var raw in text.Split('\n'))
        {
            position = position with { Line = position.Line + 1 };
            var line = raw;
            if (line.Contains('\0'))
            {
                throw position.Error("there is a NUL: this is no text, or one in UTF-16 without a byte order mark.");
            }

            line = substitute(line, position).Trim(Blanks);
            if (line.Length == 0 || line[0] is ';' or '#')
            {
                continue;
            }

            if (line[0] == '[')
            {
                var name = SectionOf(line, position);
                found.Add(name);
                isInside = name == section;
            }
            else if (isInside)
            {
                yield return Parse(line, position);
            }
        }
    }

    private static string SectionOf(string line, IniPosition position) => line[^1] == ']' && line.Length > 2
        ? line[1..^1]
        : throw position.Error("a section is a name in brackets, and nothing behind it: [uwsgi].");

    private static IniAssignment Parse(string line, IniPosition position)
    {
        var equals = line.IndexOf('=', StringComparison.Ordinal);
        var key = (equals < 0 ? line : line[..equals]).TrimEnd(Blanks);
        if (key.Length == 0 || key.Contains(':', StringComparison.Ordinal))
        {
            throw position.Error($"'{key}' is no name of an option.");
        }

        return new IniAssignment(key, equals < 0 ? "" : line[(equals + 1)..].TrimStart(Blanks), position);
    }
}
