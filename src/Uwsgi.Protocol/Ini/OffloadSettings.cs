using Microsoft.Extensions.DependencyInjection;
using Uwsgi.Protocol.Offload;

namespace Uwsgi.Protocol.Ini;

/// <summary>What the section says of files. Relative paths begin at the working directory, as uWSGI's do.</summary>
internal sealed class OffloadSettings
{
    private const int MostThreads = 1024;

    private readonly List<string> _maps = [];
    private readonly List<string> _checked = [];
    private readonly List<string> _safe = [];
    private readonly string? _serveMode;
    private readonly int? _threads;

    public OffloadSettings(UwsgiSection section)
    {
        section.Each("check-static", directory => _checked.Add(Path.GetFullPath(directory)));
        section.Each("static-safe", directory => _safe.Add(Path.GetFullPath(directory)));
        section.Each("static-map", map =>
        {
            var equals = map.IndexOf('=', StringComparison.Ordinal);
            _maps.Add(map.StartsWith('/') && equals > 0 && equals < map.Length - 1
                ? $"{map[..equals]}={Path.GetFullPath(map[(equals + 1)..])}"
                : throw new FormatException($"'{map}' is not prefix=path, such as /static=/srv/app/static."));
        });
        section.Each("file-serve-mode", mode => _ = mode is "nginx" or "x-accel-redirect" or "x-sendfile" or "xsendfile"
            ? mode
            : throw new FormatException($"'{mode}' is not among nginx, x-accel-redirect and x-sendfile."));
        _serveMode = section.Last("file-serve-mode");
        _threads = (int?)section.Number("offload-threads", 0, MostThreads);
    }

    private bool IsOn => _threads is > 0 || _maps.Count > 0 || _checked.Count > 0;

    private IEnumerable<string> Directories => _maps.Select(static map => map[(map.IndexOf('=', StringComparison.Ordinal) + 1)..]).Concat(_checked);

    /// <summary>Switches it on, where there are files or threads for them.</summary>
    public void AddTo(IServiceCollection services)
    {
        if (IsOn)
        {
            services.AddOffload(Set);
        }
    }

    private void Set(OffloadOptions options)
    {
        options.OffloadThreads = _threads ?? options.OffloadThreads;
        _maps.ForEach(options.StaticMaps.Add);
        _checked.ForEach(options.CheckStatic.Add);
        _safe.ForEach(options.StaticSafe.Add);
        foreach (var directory in _serveMode is null ? [] : Directories.Distinct(StringComparer.Ordinal))
        {
            if (_serveMode!.Contains("sendfile", StringComparison.Ordinal))
            {
                options.FrontEndXSendfile.Add(directory);
            }
            else
            {
                // As uWSGI tells nginx: the path in the file system is the internal location.
                options.XAccelRedirect[directory] = directory + "/";
            }
        }
    }
}
