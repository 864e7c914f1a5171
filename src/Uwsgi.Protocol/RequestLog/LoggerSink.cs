using System.Text;
using Microsoft.Extensions.Logging;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>Lines as the app's own log has them.</summary>
internal sealed class LoggerSink(RequestLogLog log) : ILineSink
{
    public void Write(ReadOnlySpan<byte> lines)
    {
        while (!lines.IsEmpty)
        {
            var end = lines.IndexOf(LineQueue.End);
            log.Request(Encoding.UTF8.GetString(lines[..end]));
            lines = lines[(end + 1)..];
        }
    }

    public void Dispose()
    {
    }
}
