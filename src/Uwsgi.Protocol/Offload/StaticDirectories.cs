namespace Uwsgi.Protocol.Offload;

/// <summary>Directories below which a file may be.</summary>
internal sealed class StaticDirectories(IEnumerable<string> directories)
{
    private readonly string[] _directories = [.. directories];

    /// <summary>The file that a path leads to, without links; null where that is below none of the directories.</summary>
    public string? Find(string path) =>
        RealPath.Of(path) is { } real && Array.Exists(_directories, directory => Holds(directory, real)) ? real : null;

    // Looked up each time: a deployment may put another directory in its place.
    private static bool Holds(string directory, string real) => RealPath.Of(directory) is { } root && RealPath.Below(root, real) is { Length: > 0 };
}
