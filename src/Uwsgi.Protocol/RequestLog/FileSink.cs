using Uwsgi.Protocol.Hosting;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>
/// Lines in a file. It is opened anew once a second while there are lines, so what logrotate has moved away is left alone without a
/// signal, and what was removed comes again.
/// </summary>
internal sealed class FileSink : ILineSink
{
    private static readonly TimeSpan ReopenInterval = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly RequestLogLog _log;
    private FileStream _file;
    private long _opened;
    private bool _hasFailedToReopen;

    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not write to it.</exception>
    public FileSink(string path, TimeProvider time, RequestLogLog log)
    {
        _path = Path.GetFullPath(path);
        _time = time;
        _log = log;
        _file = Open();
    }

    public void Write(ReadOnlySpan<byte> lines)
    {
        if (_time.GetElapsedTime(_opened) >= ReopenInterval)
        {
            Reopen();
        }

        _file.Write(lines);
    }

    public void Dispose() => _file.Dispose();

    private void Reopen()
    {
        try
        {
            var file = Open();
            _file.Dispose();
            _file = file;
            _hasFailedToReopen = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file that is open takes lines as long as it can.
            _opened = _time.GetTimestamp();
            if (!_hasFailedToReopen)
            {
                _hasFailedToReopen = true;
                _log.NotReopened(_path, e);
            }
        }
    }

    private FileStream Open()
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

        var file = new FileStream(_path, options);
        // Several processes may write to it, and logrotate's copytruncate may cut it: a place that was the end once is not.
        NativeMethods.AlwaysAppend(file.SafeFileHandle);
        _opened = _time.GetTimestamp();
        return file;
    }
}
