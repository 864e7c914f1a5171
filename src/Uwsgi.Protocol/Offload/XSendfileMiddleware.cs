using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Uwsgi.Protocol.Offload;

/// <summary>Sends the file that the app has named in the place of a body.</summary>
internal sealed partial class XSendfileMiddleware(RequestDelegate next, StaticDirectories directories, ILogger logger)
{
    private const string Header = "X-Sendfile";

    private readonly FileExtensionContentTypeProvider _contentTypes = new();

    public async Task InvokeAsync(HttpContext context)
    {
        await next(context).ConfigureAwait(false);
        var response = context.Response;
        if (response.HasStarted || !response.Headers.Remove(Header, out var values) || values is not [{ Length: > 0 } path])
        {
            return;
        }

        response.ContentLength = null;
        if (response.StatusCode != StatusCodes.Status200OK)
        {
            return;
        }

        if (!Path.IsPathFullyQualified(path) || path.Contains('\0', StringComparison.Ordinal)
            || directories.Find(path) is not { } real || !File.Exists(real))
        {
            Log.FileRefused(logger, path);
            response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        await SendAsync(context, new FileInfo(real)).ConfigureAwait(false);
    }

    private Task SendAsync(HttpContext context, FileInfo file)
    {
        var contentType = context.Response.ContentType ?? (_contentTypes.TryGetContentType(file.Name, out var known) ? known : null);

        // As ASP.NET Core's middleware for files makes them, to the second and of the same two numbers.
        var written = file.LastWriteTimeUtc;
        var lastModified = new DateTimeOffset(written.Ticks - (written.Ticks % TimeSpan.TicksPerSecond), TimeSpan.Zero);
        var entityTag = new EntityTagHeaderValue($"\"{Convert.ToString(lastModified.ToFileTime() ^ file.Length, 16)}\"");
        return TypedResults.PhysicalFile(file.FullName, contentType, lastModified: lastModified, entityTag: entityTag, enableRangeProcessing: true)
            .ExecuteAsync(context);
    }

    private static partial class Log
    {
        [LoggerMessage(4, LogLevel.Warning, "The app's X-Sendfile names {Path}, which is no file below OffloadOptions.XSendfile: 404.", EventName = nameof(FileRefused))]
        public static partial void FileRefused(ILogger logger, string path);
    }
}
