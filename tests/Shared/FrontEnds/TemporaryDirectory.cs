namespace Uwsgi.Protocol.Testing;

/// <summary>A directory of a test's own, gone with it. Its path is short: a unix socket's name has 108 bytes.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory()
    {
        FullPath = Directory.CreateTempSubdirectory("uwsgi-").FullName;
        // A front end started by root serves as another user.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(FullPath, (UnixFileMode)0b111_101_101);
        }
    }

    public string FullPath { get; }

    public string this[string name] => Path.Combine(FullPath, name);

    public string Write(string name, string text)
    {
        var path = this[name];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Copies a directory to where everybody may read it.</summary>
    public string Copy(string source, string name)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(this[name], Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return this[name];
    }

    public void Dispose() => Directory.Delete(FullPath, recursive: true);
}
