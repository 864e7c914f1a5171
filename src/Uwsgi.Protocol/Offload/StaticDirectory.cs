using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.FileProviders.Physical;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Uwsgi.Protocol.Offload;

/// <summary>The files of a directory, without those to which only a link out of it leads.</summary>
internal sealed partial class StaticDirectory : IFileProvider, IDisposable
{
    private readonly PhysicalFileProvider _files;
    private readonly StaticDirectories _allowed;
    private readonly ILogger _logger;

    /// <param name="path">The directory.</param>
    /// <param name="safe">Where links may lead beside it.</param>
    /// <param name="logger">Hears of links that lead elsewhere.</param>
    public StaticDirectory(string path, IEnumerable<string> safe, ILogger logger)
    {
        _files = new PhysicalFileProvider(path);
        _allowed = new StaticDirectories([path, .. safe]);
        _logger = logger;
    }

    public IFileInfo GetFileInfo(string subpath)
    {
        var file = _files.GetFileInfo(subpath);
        if (!file.Exists || file.PhysicalPath is not { } path)
        {
            return new NotFoundFileInfo(subpath);
        }

        if (_allowed.Find(path) is { } real)
        {
            return real == path ? file : new PhysicalFileInfo(new FileInfo(real));
        }

        Log.LinkOutside(_logger, path);
        return new NotFoundFileInfo(subpath);
    }

    public IDirectoryContents GetDirectoryContents(string subpath) => NotFoundDirectoryContents.Singleton;

    public IChangeToken Watch(string filter) => NullChangeToken.Singleton;

    public void Dispose() => _files.Dispose();

    private static partial class Log
    {
        [LoggerMessage(3, LogLevel.Debug, "{Path} is a link out of its directory, and no file. See OffloadOptions.StaticSafe.", EventName = nameof(LinkOutside))]
        public static partial void LinkOutside(ILogger logger, string path);
    }
}
