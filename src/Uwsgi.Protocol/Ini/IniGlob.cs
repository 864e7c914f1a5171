using System.IO.Enumeration;

namespace Uwsgi.Protocol.Ini;

/// <summary>The paths that a pattern stands for: <c>*</c> and <c>?</c>, in any part of it.</summary>
internal static class IniGlob
{
    /// <summary>Finds them, in order. What stands for none stands for itself, as in uWSGI.</summary>
    public static string[] Expand(string pattern, int most)
    {
        var isRooted = pattern.StartsWith('/');
        IEnumerable<string> found = [isRooted ? "/" : ""];
        foreach (var part in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            found = found.SelectMany(directory => In(directory, part));
        }

        string[] paths = [.. found.Take(most).Order(StringComparer.Ordinal)];
        return paths.Length > 0 ? paths : [pattern];
    }

    private static string[] In(string directory, string part)
    {
        if (part.AsSpan().IndexOfAny('*', '?') < 0)
        {
            var path = Path.Combine(directory, part);
            return Path.Exists(path) ? [path] : [];
        }

        try
        {
            // Hidden ones only for patterns that name the dot, as glob(3) does.
            return
            [
                .. Directory.EnumerateFileSystemEntries(directory.Length == 0 ? "." : directory)
                    .Select(static path => Path.GetFileName(path))
                    .Where(name => FileSystemName.MatchesSimpleExpression(part, name, ignoreCase: false) && (name[0] != '.' || part[0] == '.'))
                    .Select(name => Path.Combine(directory, name)),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
