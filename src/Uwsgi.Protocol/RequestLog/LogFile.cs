using System.Globalization;
using Uwsgi.Protocol.Hosting;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>A file that lines go to: where it is, whose it is, and how large it gets.</summary>
internal sealed class LogFile
{
    private readonly UnixFileMode? _mode;
    private readonly string? _owner;
    private readonly string? _group;
    private readonly string? _backup;

    public LogFile(string path, UwsgiRequestLogOptions options)
    {
        Path = System.IO.Path.GetFullPath(path);
        MaxSize = options.MaxFileSize;
        (_mode, _owner, _group) = (options.FileMode, options.FileOwner, options.FileGroup);
        _backup = options.BackupFile is { } backup ? System.IO.Path.GetFullPath(backup) : null;
    }

    public string Path { get; }

    /// <summary>The most bytes before it is moved away; null for no limit.</summary>
    public long? MaxSize { get; }

    /// <summary>Whether it takes the place of the one that was moved away before.</summary>
    public bool ReplacesBackup => _backup is not null;

    /// <summary>What it is called when it is moved away; uWSGI's name, unless another is set.</summary>
    public string BackupAt(DateTimeOffset now) => _backup ?? string.Create(CultureInfo.InvariantCulture, $"{Path}.{now.ToUnixTimeSeconds()}");

    /// <summary>Opens it to append to; one that is not there is made.</summary>
    public FileStream Open()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            // uWSGI's.
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        }

        return new FileStream(Path, options);
    }

    /// <summary>Gives it the mode, the owner and the group that were asked for: what is open, whatever has its name by now.</summary>
    public void HandOver(FileStream file)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        if (_mode is { } mode)
        {
            File.SetUnixFileMode(file.SafeFileHandle, mode);
        }

        if (_owner is not null || _group is not null)
        {
            NativeMethods.ChangeOwner(file.SafeFileHandle, Path, _owner, _group);
        }
    }
}
