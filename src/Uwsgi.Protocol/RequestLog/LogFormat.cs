using System.Collections.Frozen;
using System.Text;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>uWSGI's <c>log-format</c>: text with <c>%(name)</c> in it.</summary>
internal static class LogFormat
{
    private const string VariablePrefix = "var.";
    private const string MetricPrefix = "metric.";

    private static readonly FrozenDictionary<string, LogVariable> Names = new Dictionary<string, LogVariable>
    {
        ["uri"] = LogVariable.Uri,
        ["method"] = LogVariable.Method,
        ["user"] = LogVariable.User,
        ["addr"] = LogVariable.Address,
        ["host"] = LogVariable.Host,
        ["proto"] = LogVariable.Protocol,
        ["uagent"] = LogVariable.UserAgent,
        ["referer"] = LogVariable.Referer,
        ["status"] = LogVariable.Status,
        ["rsize"] = LogVariable.BodySize,
        ["hsize"] = LogVariable.HeadSize,
        ["size"] = LogVariable.Size,
        ["cl"] = LogVariable.ContentLength,
        ["micros"] = LogVariable.Microseconds,
        ["msecs"] = LogVariable.Milliseconds,
        ["secs"] = LogVariable.Seconds,
        ["tmsecs"] = LogVariable.StartMilliseconds,
        ["tmicros"] = LogVariable.StartMicroseconds,
        ["time"] = LogVariable.StartSeconds,
        ["ltime"] = LogVariable.StartClf,
        ["ftime"] = LogVariable.StartFormatted,
        ["ctime"] = LogVariable.StartCtime,
        ["epoch"] = LogVariable.NowSeconds,
        ["pid"] = LogVariable.ProcessId,
        ["wid"] = LogVariable.WorkerId,
        ["switches"] = LogVariable.Switches,
        ["vars"] = LogVariable.VariableCount,
        ["core"] = LogVariable.Core,
        ["vsz"] = LogVariable.VirtualMemory,
        ["rss"] = LogVariable.ResidentMemory,
        ["vszM"] = LogVariable.VirtualMegabytes,
        ["rssM"] = LogVariable.ResidentMegabytes,
        ["pktsize"] = LogVariable.PacketSize,
        ["modifier1"] = LogVariable.Modifier1,
        ["modifier2"] = LogVariable.Modifier2,
        ["headers"] = LogVariable.HeaderCount,
        ["werr"] = LogVariable.WriteErrors,
        ["rerr"] = LogVariable.ReadErrors,
        ["ioerr"] = LogVariable.Errors,
        ["end"] = LogVariable.End,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Parses a format. Names that are nobody's are the app's (uWSGI's logvars).</summary>
    /// <exception cref="FormatException">It asks for uWSGI's metrics, which are not here.</exception>
    public static LogSegment[] Parse(string format)
    {
        var segments = new List<LogSegment>();
        var rest = format.AsSpan();
        var literal = new StringBuilder();
        while (!rest.IsEmpty)
        {
            var start = rest.IndexOf("%(");
            var length = start < 0 ? -1 : rest[(start + 2)..].IndexOf(')');
            if (length < 0)
            {
                // An opening that nothing closes is text.
                break;
            }

            literal.Append(rest[..start]);
            var name = rest.Slice(start + 2, length);
            rest = rest[(start + 2 + length + 1)..];
            if (name.IsEmpty)
            {
                literal.Append("%()");
                continue;
            }

            AddLiteral(segments, literal);
            segments.Add(Variable(name.ToString()));
        }

        literal.Append(rest);
        AddLiteral(segments, literal);
        return [.. segments];
    }

    private static void AddLiteral(List<LogSegment> segments, StringBuilder literal)
    {
        if (literal.Length > 0)
        {
            segments.Add(new LogSegment(LogVariable.Literal, literal.ToString()));
            literal.Clear();
        }
    }

    private static LogSegment Variable(string name)
    {
        if (Names.TryGetValue(name, out var known))
        {
            return new LogSegment(known);
        }

        if (name.StartsWith(MetricPrefix, StringComparison.Ordinal))
        {
            throw new FormatException($"%({name}): the request log knows no metrics of uWSGI's. The meter Uwsgi.Protocol has ours.");
        }

        return name.StartsWith(VariablePrefix, StringComparison.Ordinal)
            ? new LogSegment(LogVariable.RequestVariable, name[VariablePrefix.Length..])
            : new LogSegment(LogVariable.AppVariable, name);
    }
}
