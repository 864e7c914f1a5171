using System.Text;
using Uwsgi.Protocol.Requests;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>uWSGI's own line (<c>core/logging.c</c>, <c>uwsgi_logit_simple</c>), in one go: it is what most people log of every request.</summary>
/// <param name="clock">Tells when requests began.</param>
/// <param name="microseconds">Whether the time is told in microseconds (uWSGI's <c>log-micros</c>).</param>
/// <param name="address">Tells whose they are.</param>
internal sealed class DefaultLine(LogClock clock, bool microseconds, ClientAddress address) : ILineWriter
{
    // All that is ours: the words, ten numbers, the time.
    private const int OwnSize = 512;

    private readonly byte[] _head = [.. Encoding.ASCII.GetBytes($"[pid: {Environment.ProcessId}|app: 0|req: ")];
    private readonly byte[] _headOfNone = [.. Encoding.ASCII.GetBytes($"[pid: {Environment.ProcessId}|app: -1|req: ")];

    public void Write(in EndedRequest request, LineBuffer line)
    {
        var variables = request.Variables;
        var outcome = request.Outcome;

        // uWSGI's numbers of a request that no app has had.
        var hasRun = request.Slot != EndedRequest.NoSlot && !outcome.IsStatic;
        var client = address.Of(variables);
        var user = variables.Find("REMOTE_USER"u8);
        var method = variables[CgiVariable.RequestMethod];
        var target = variables[CgiVariable.RequestUri];
        var protocol = variables[CgiVariable.ServerProtocol];
        var text = line.Begin(
            OwnSize + LineText.MaxSizeOf(client) + LineText.MaxSizeOf(user) + LineText.MaxSizeOf(method) + LineText.MaxSizeOf(target) + LineText.MaxSizeOf(protocol));
        text.Append(hasRun ? _head : _headOfNone);
        text.Append(hasRun ? request.AppNumber : -1);
        text.Append("/"u8);
        text.Append(request.Number);
        text.Append("] "u8);
        text.AppendWordOr("0.0.0.0"u8, client);
        text.Append(" ("u8);
        text.AppendUser(user);
        text.Append(") {"u8);

        // A name and a value: uWSGI counts both.
        text.Append(2 * variables.Count);
        text.Append(" vars in "u8);
        text.Append(variables.Block.Length);
        text.Append(" bytes} ["u8);
        text.Append(clock.At(request.Started).Ctime);
        text.Append("] "u8);
        text.AppendWordOr("-"u8, method);
        text.Append(" "u8);
        text.AppendWordOr("-"u8, target);
        text.Append(" => generated "u8);
        text.Append(outcome.BodySize);
        text.Append(" bytes in "u8);
        text.Append(request.Duration.Ticks / (microseconds ? TimeSpan.TicksPerMicrosecond : TimeSpan.TicksPerMillisecond));
        text.Append(microseconds ? " micros"u8 : " msecs"u8);
        text.Append(outcome.Delivery switch
        {
            FileDelivery.Sendfile => " via sendfile() ("u8,
            FileDelivery.Offload => " via offload() ("u8,
            _ => " ("u8,
        });
        text.AppendWordOr("-"u8, protocol);
        text.Append(" "u8);
        text.Append(LoggedStatus.Of(outcome));
        text.Append(") "u8);
        text.Append(outcome.HeaderCount);
        text.Append(" headers in "u8);
        text.Append(outcome.HeadSize);
        text.Append(hasRun ? " bytes (1 switches on core "u8 : " bytes (0 switches on core "u8);
        text.Append(Math.Max(request.Slot, 0));
        text.Append(")"u8);
        line.End(text);
    }
}
