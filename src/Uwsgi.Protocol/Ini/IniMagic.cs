using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Uwsgi.Protocol.Ini;

/// <summary>
/// What a percent sign and a character stand for in a file: <c>%d</c> is its directory. Capitals are about the file that was loaded first,
/// small letters about the one that includes reached.
/// </summary>
internal sealed class IniMagic(string path, string section, string argument, IniMagic? outermost = null)
{
    /// <summary>The values of the file that was loaded first.</summary>
    public IniMagic Outermost => outermost ?? this;

    /// <summary>Replaces them in a line; a placeholder, <c>%(name)</c>, is left for later.</summary>
    /// <exception cref="FormatException">One is not known here.</exception>
    public string Replace(string line, IniPosition position)
    {
        if (!line.Contains('%', StringComparison.Ordinal))
        {
            return line;
        }

        var result = new StringBuilder(line.Length);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] != '%' || i + 1 == line.Length || !char.IsAscii(line[i + 1]))
            {
                result.Append(line[i]);
            }
            else
            {
                result.Append(ValueOf(line[++i], position));
            }
        }

        return result.ToString();
    }

    private string ValueOf(char name, IniPosition position) => name switch
    {
        '(' => "%(",
        '%' => "%",
        '[' => "\e",
        'v' => Environment.CurrentDirectory,
        'h' => Environment.MachineName,
        'k' => Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture),
        'b' => Environment.ProcessPath ?? "",
        'V' => typeof(IniMagic).Assembly.GetName().Version?.ToString(3) ?? "",
        't' => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        'T' => (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1000).ToString(CultureInfo.InvariantCulture),
        'U' => Environment.UserName,
        >= '0' and <= '9' => Directories.ElementAtOrDefault(name - '0') ?? "",
        'i' or 'I' or 'u' or 'g' or 'G' => throw position.Error($"%{name} (a number of the system's) is not known here."),
        'P' or 'S' or 'D' or 'E' or 'N' or 'C' or 'O' or 'X' or 'J' => Outermost.OfFile(char.ToLowerInvariant(name)),
        _ => OfFile(name),
    };

    private string[] Directories => (Path.GetDirectoryName(path) ?? "").Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);

    // What is none of these is removed, as uWSGI does.
    private string OfFile(char name) => name switch
    {
        'p' => path,
        's' => Path.GetFileName(path),
        'd' => Path.GetDirectoryName(path)?.TrimEnd('/') + "/",
        'e' => Path.GetExtension(path).TrimStart('.'),
        'n' => Path.GetFileNameWithoutExtension(path),
        'c' => Directories.LastOrDefault() ?? "",
        'o' => argument,
        'x' => section,
        'j' => BinaryPrimitives.ReverseEndianness(Hash(path)).ToString("X8", CultureInfo.InvariantCulture),
        _ => "",
    };

    // djb33x, of the path's bytes; uWSGI shows its bytes from the lowest on.
    private static uint Hash(string text) => Encoding.UTF8.GetBytes(text).Aggregate(5381u, static (hash, next) => unchecked((hash * 33) ^ next));
}
