namespace Uwsgi.Protocol.Offload;

/// <summary>Where a file is, whatever links lead there.</summary>
internal static class RealPath
{
    // As Linux counts them before it gives up.
    private const int MaxLinks = 40;

    private static readonly StringComparison Comparison =
        OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>The path without links, "." and ".."; null where links lead in a circle.</summary>
    public static string? Of(string path)
    {
        var rest = new Stack<string>();
        var real = Begin(Path.GetFullPath(path), rest);
        for (var links = 0; rest.TryPop(out var name);)
        {
            if (name == "..")
            {
                real = Path.GetDirectoryName(real) ?? real;
                continue;
            }

            var next = Path.Join(real, name);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }

            if (++links > MaxLinks)
            {
                return null;
            }

            real = Path.IsPathRooted(target) ? Begin(target, rest) : Begin(target, rest, real);
        }

        return real;
    }

    /// <summary>What of a path stands below a directory; null where it is not below it. Either is without links.</summary>
    public static string? Below(string directory, string path) =>
        Path.EndsInDirectorySeparator(directory) ? Rest(directory, path) : Rest(directory + Path.DirectorySeparatorChar, path);

    private static string? Rest(string directory, string path) => path.StartsWith(directory, Comparison) ? path[directory.Length..] : null;

    private static string Begin(string path, Stack<string> rest, string? real = null)
    {
        var root = real is null ? Path.GetPathRoot(path)! : "";
        var names = path[root.Length..].Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
        foreach (var name in names.Reverse().Where(name => name != "."))
        {
            rest.Push(name);
        }

        return real ?? root;
    }
}
