using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace Uwsgi.Protocol.Offload;

/// <summary>Paths of requests that are files: uWSGI's static-map, and its check-static, which has no prefix.</summary>
internal sealed record StaticMap(string Prefix, string Path)
{
    /// <summary>Parses <c>PREFIX=PATH</c>.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static StaticMap Parse(string text, string contentRoot)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var prefix = equals > 0 ? text[..equals].TrimEnd('/') : "";
        if (equals <= 0 || equals == text.Length - 1 || text[0] != '/')
        {
            throw new FormatException($"OffloadOptions.StaticMaps: '{text}' is not PREFIX=PATH, such as /static=wwwroot/static.");
        }

        return new StaticMap(prefix, System.IO.Path.Combine(contentRoot, text[(equals + 1)..]));
    }

    /// <summary>Whether a path is the prefix, or below it. Case counts, and so do names: /staticfoo is not below /static.</summary>
    public bool Matches(PathString path) =>
        path.Value is { } value && value.StartsWith(Prefix, StringComparison.Ordinal) && (value.Length == Prefix.Length || value[Prefix.Length] == '/');

    /// <summary>How ASP.NET Core's middleware for files is to serve it.</summary>
    /// <exception cref="DirectoryNotFoundException">There is neither such a file nor such a directory.</exception>
    public StaticFileOptions ToOptions(IEnumerable<string> safe, ILogger logger)
    {
        var file = File.Exists(Path) ? new StaticFile(Path) : null;
        return new StaticFileOptions
        {
            RequestPath = Prefix,
            FileProvider = (IFileProvider?)file ?? new StaticDirectory(Path, safe, logger),
            ContentTypeProvider = file ?? (IContentTypeProvider)new FileExtensionContentTypeProvider(),

            // As uWSGI serves it: without a Content-Type.
            ServeUnknownFileTypes = true,
        };
    }
}
