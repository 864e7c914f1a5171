using Uwsgi.Protocol.Hosting;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>
/// Lines in a file. It is opened anew once a second while there are lines, so what logrotate has moved away is left alone without a
/// signal, and what was removed comes again. Where it has become too large it is moved away from here.
/// </summary>
internal sealed class FileSink : ILineSink
{
    private static readonly TimeSpan ReopenInterval = TimeSpan.FromSeconds(1);

    private readonly LogFile _settings;
    private readonly TimeProvider _time;
    private readonly RequestLogLog _log;
    private FileStream _file;
    private long _opened;
    private bool _hasFailedToReopen;
    private bool _hasFailedToRotate;

    /// <exception cref="IOException">The file cannot be opened, or not be given to whom it is for.</exception>
    /// <exception cref="UnauthorizedAccessException">This process may not write to it, or not change its mode.</exception>
    public FileSink(LogFile settings, TimeProvider time, RequestLogLog log)
    {
        _settings = settings;
        _time = time;
        _log = log;
        _file = Open();
        settings.HandOver(_file);
    }

    public void Write(ReadOnlySpan<byte> lines)
    {
        if (_time.GetElapsedTime(_opened) >= ReopenInterval)
        {
            Reopen();
        }

        _file.Write(lines);
        if (IsTooLarge)
        {
            TryRotate();
        }
    }

    public void Dispose() => _file.Dispose();

    private bool IsTooLarge => _settings.MaxSize is { } max && RandomAccess.GetLength(_file.SafeFileHandle) > max;

    private void TryRotate()
    {
        try
        {
            Rotate();
            _hasFailedToRotate = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It grows on, which is better than to lose what comes.
            if (!_hasFailedToRotate)
            {
                _hasFailedToRotate = true;
                _log.NotRotated(_settings.Path, e);
            }
        }
    }

    private void Rotate()
    {
        // Several processes may write to it: one of them moves it away, and once. Who finds another at it looks again at the next lines.
        if (!DirectoryLock.TryTake(Path.GetDirectoryName(_settings.Path)!, out var turn))
        {
            return;
        }

        using (turn)
        {
            Reopen();
            var backup = _settings.BackupAt(_time.GetUtcNow());
            if (!IsTooLarge || (!_settings.ReplacesBackup && File.Exists(backup)))
            {
                // It has been moved already; or the name is that of a second, and has its file.
                return;
            }

            File.Move(_settings.Path, backup, _settings.ReplacesBackup);
            _log.Rotated(_settings.Path, backup);
            Reopen();
        }
    }

    private void Reopen()
    {
        try
        {
            var file = Open();
            _file.Dispose();
            _file = file;
            if (RandomAccess.GetLength(file.SafeFileHandle) == 0)
            {
                // Made just now, by this process or by whoever has moved the other away.
                _settings.HandOver(file);
            }

            _hasFailedToReopen = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The file that is open takes lines as long as it can.
            _opened = _time.GetTimestamp();
            if (!_hasFailedToReopen)
            {
                _hasFailedToReopen = true;
                _log.NotReopened(_settings.Path, e);
            }
        }
    }

    private FileStream Open()
    {
        var file = _settings.Open();

        // Several processes may write to it, and logrotate's copytruncate may cut it: a place that was the end once is not.
        NativeMethods.AlwaysAppend(file.SafeFileHandle);
        _opened = _time.GetTimestamp();
        return file;
    }
}
