using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Uwsgi.Protocol.Diagnostics;
using Uwsgi.Protocol.Requests;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>The request log: makes a line of each request that ends, on its thread, and leaves the rest to the writer.</summary>
internal sealed class RequestLogListener : IRequestListener, IDisposable
{
    [ThreadStatic]
    private static LineBuffer? _line;

    private readonly LogFilter _filter;
    private readonly ILineWriter _writer;
    private readonly LineQueue _lines;

    public RequestLogListener(
        IOptions<UwsgiRequestLogOptions> options, IMeterFactory meterFactory, ILoggerFactory loggerFactory, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        var settings = options.Value;
        var log = new RequestLogLog(loggerFactory);
        var lost = meterFactory.Create(GatewayMetrics.MeterName).CreateCounter<long>(
            "uwsgi_protocol.request_log.lost_lines", "{line}", "Requests that were not logged, because their lines could not be written, or not fast enough.");
        _filter = new LogFilter(settings);
        var clock = new LogClock(time, settings.TimeFormat is { } text ? new TimeFormat(text) : TimeFormat.Clf);
        var address = new ClientAddress(settings.UseForwardedFor);
        _writer = settings.Format is { } format
            ? new FormattedLine(LogFormat.Parse(format), clock, time, address)
            : new DefaultLine(clock, settings.UseMicroseconds, address);
        ILineSink sink = settings.File is { } path ? new FileSink(new LogFile(path, settings), time, log) : new LoggerSink(log);
        _lines = new LineQueue(sink, settings.QueueSize, new LostLines(lost, time, log));
    }

    public void OnEnded(in EndedRequest request)
    {
        if (!_filter.Passes(request, LoggedStatus.Of(request.Outcome)))
        {
            return;
        }

        var line = _line ??= new LineBuffer();
        line.Clear();
        _writer.Write(request, line);
        _lines.Add(line.Written);
    }

    public void Dispose() => _lines.Dispose();
}
