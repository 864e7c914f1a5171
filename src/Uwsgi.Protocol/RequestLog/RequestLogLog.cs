using Microsoft.Extensions.Logging;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>The request log's own category: its lines, where no file takes them, and what went wrong with them.</summary>
internal sealed partial class RequestLogLog(ILoggerFactory loggerFactory)
{
    private readonly ILogger _logger = loggerFactory.CreateLogger("Uwsgi.Protocol.RequestLog");

    [LoggerMessage(1, LogLevel.Information, "{Line}", EventName = nameof(Request))]
    public partial void Request(string line);

    [LoggerMessage(2, LogLevel.Warning,
        "{Count} requests in all were not logged: they end faster than their lines are written. See UwsgiRequestLogOptions.QueueSize.",
        EventName = nameof(LinesDropped))]
    public partial void LinesDropped(long count);

    [LoggerMessage(3, LogLevel.Warning, "{Count} requests in all were not logged: their lines cannot be written.", EventName = nameof(LinesNotWritten))]
    public partial void LinesNotWritten(long count, Exception exception);

    [LoggerMessage(4, LogLevel.Warning,
        "The request log '{Path}' cannot be opened anew. What was open before takes its lines; further failures are not told.",
        EventName = nameof(NotReopened))]
    public partial void NotReopened(string path, Exception exception);

    [LoggerMessage(5, LogLevel.Debug, "The request log '{Path}' had its size, and is now '{Backup}'.", EventName = nameof(Rotated))]
    public partial void Rotated(string path, string backup);

    [LoggerMessage(6, LogLevel.Warning,
        "The request log '{Path}' has its size, and cannot be moved away. It grows on; further failures are not told. See UwsgiRequestLogOptions.MaxFileSize.",
        EventName = nameof(NotRotated))]
    public partial void NotRotated(string path, Exception exception);
}
