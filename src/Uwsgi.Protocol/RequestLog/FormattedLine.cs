using System.Buffers.Text;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Requests;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>A line of uWSGI's <c>log-format</c>.</summary>
internal sealed class FormattedLine(LogSegment[] segments, LogClock clock, TimeProvider time, ClientAddress address) : ILineWriter
{
    private const int MicrosecondsInSecond = 1_000_000;

    private readonly ProcessMemory _memory = new(time);

    public void Write(in EndedRequest request, LineBuffer line)
    {
        foreach (var segment in segments)
        {
            if (segment.Variable == LogVariable.Literal)
            {
                line.Append(segment.Bytes);
                continue;
            }

            var start = line.Written.Length;
            Write(segment, request, line);
            if (line.Written.Length == start)
            {
                line.Append("-"u8);
            }
        }
    }

    private void Write(LogSegment segment, in EndedRequest request, LineBuffer line)
    {
        var variables = request.Variables;
        switch (segment.Variable)
        {
            case LogVariable.Uri:
                line.AppendWord(variables[CgiVariable.RequestUri]);
                break;
            case LogVariable.Method:
                line.AppendWord(variables[CgiVariable.RequestMethod]);
                break;
            case LogVariable.Address:
                line.AppendWord(address.Of(variables));
                break;
            case LogVariable.User:
                line.AppendUser(variables.Find("REMOTE_USER"u8));
                break;
            case LogVariable.Host:
                line.AppendWord(variables[CgiVariable.HttpHost]);
                break;
            case LogVariable.Protocol:
                line.AppendWord(variables[CgiVariable.ServerProtocol]);
                break;
            case LogVariable.UserAgent:
                line.AppendText(variables.Find("HTTP_USER_AGENT"u8));
                break;
            case LogVariable.Referer:
                line.AppendText(variables.Find("HTTP_REFERER"u8));
                break;
            case LogVariable.RequestVariable:
                line.AppendText(variables.Find(segment.Bytes));
                break;
            case LogVariable.AppVariable:
                line.AppendText(request.Features?.Get<ILogVariablesFeature>()?.Find(segment.Text));
                break;
            case LogVariable.End:
                line.Append(EndWords.Of(request.Outcome));
                break;
            case LogVariable.StartCtime:
                line.Append(clock.At(request.Started).Ctime);
                break;
            case LogVariable.StartClf:
                line.Append(clock.At(request.Started).Clf);
                break;
            case LogVariable.StartFormatted:
                line.Append(clock.At(request.Started).Formatted);
                break;
            case LogVariable.Seconds:
                var microseconds = Microseconds(request.Duration);
                line.Append(microseconds / MicrosecondsInSecond);
                line.Append("."u8);
                line.Append(microseconds % MicrosecondsInSecond, digits: 6);
                break;
            default:
                line.Append(Number(segment.Variable, request));
                break;
        }
    }

    private long Number(LogVariable variable, in EndedRequest request) => variable switch
    {
        LogVariable.Status => LoggedStatus.Of(request.Outcome),
        LogVariable.BodySize => request.Outcome.BodySize,
        LogVariable.HeadSize => request.Outcome.HeadSize,
        LogVariable.Size => request.Outcome.HeadSize + request.Outcome.BodySize,
        LogVariable.HeaderCount => request.Outcome.HeaderCount,
        LogVariable.WriteErrors => request.Outcome.HasWriteError ? 1 : 0,
        LogVariable.ReadErrors => request.Outcome.HasReadError ? 1 : 0,
        LogVariable.Errors => (request.Outcome.HasWriteError ? 1 : 0) + (request.Outcome.HasReadError ? 1 : 0),
        LogVariable.ContentLength => Utf8Parser.TryParse(request.Variables[CgiVariable.ContentLength], out long length, out _) ? length : 0,
        LogVariable.Modifier1 => request.Features?.Get<IGatewayRequestFeature>()?.Modifier1 ?? 0,
        LogVariable.Modifier2 => request.Features?.Get<IGatewayRequestFeature>()?.Modifier2 ?? 0,

        // A name and a value: uWSGI counts both.
        LogVariable.VariableCount => 2 * request.Variables.Count,
        LogVariable.PacketSize => request.Variables.Block.Length,
        LogVariable.Microseconds => Microseconds(request.Duration),
        LogVariable.Milliseconds => (long)request.Duration.TotalMilliseconds,
        LogVariable.StartSeconds => request.Started.ToUnixTimeSeconds(),
        LogVariable.StartMilliseconds => request.Started.ToUnixTimeMilliseconds(),
        LogVariable.StartMicroseconds => Microseconds(request.Started - DateTimeOffset.UnixEpoch),
        LogVariable.NowSeconds => time.GetUtcNow().ToUnixTimeSeconds(),
        LogVariable.ProcessId => Environment.ProcessId,

        // As without a master: there is one.
        LogVariable.WorkerId => 1,
        LogVariable.Core => Math.Max(request.Slot, 0),
        LogVariable.VirtualMemory => _memory.Virtual,
        LogVariable.ResidentMemory => _memory.Resident,
        LogVariable.VirtualMegabytes => _memory.Virtual / (1024 * 1024),
        LogVariable.ResidentMegabytes => _memory.Resident / (1024 * 1024),

        LogVariable.Switches => request.Slot == EndedRequest.NoSlot || request.Outcome.IsStatic ? 0 : 1,
        _ => throw new InvalidOperationException($"{variable} is no number."),
    };

    private static long Microseconds(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}
