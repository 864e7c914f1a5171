using Uwsgi.Protocol.Requests;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>uWSGI's own line (<c>core/logging.c</c>, <c>uwsgi_logit_simple</c>), in one go: it is what most people log of every request.</summary>
/// <param name="clock">Tells when requests began.</param>
/// <param name="microseconds">Whether the time is told in microseconds (uWSGI's <c>log-micros</c>).</param>
/// <param name="address">Tells whose they are.</param>
internal sealed class DefaultLine(LogClock clock, bool microseconds, ClientAddress address) : ILineWriter
{
    private readonly byte[] _pid = [.. "[pid: "u8, .. System.Text.Encoding.ASCII.GetBytes($"{Environment.ProcessId}")];

    public void Write(in EndedRequest request, LineBuffer line)
    {
        var variables = request.Variables;
        var outcome = request.Outcome;

        // uWSGI's numbers of a request that no app has had.
        var hasRun = request.Slot != EndedRequest.NoSlot && !outcome.IsStatic;
        line.Append(_pid);
        line.Append(hasRun ? "|app: 0|req: "u8 : "|app: -1|req: "u8);
        line.Append(hasRun ? request.AppNumber : -1);
        line.Append("/"u8);
        line.Append(request.Number);
        line.Append("] "u8);
        line.AppendWordOr("0.0.0.0"u8, address.Of(variables));
        line.Append(" ("u8);
        line.AppendUser(variables.Find("REMOTE_USER"u8));
        line.Append(") {"u8);

        // A name and a value: uWSGI counts both.
        line.Append(2 * variables.Count);
        line.Append(" vars in "u8);
        line.Append(variables.Block.Length);
        line.Append(" bytes} ["u8);
        line.Append(clock.At(request.Started).Ctime);
        line.Append("] "u8);
        line.AppendWordOr("-"u8, variables[CgiVariable.RequestMethod]);
        line.Append(" "u8);
        line.AppendWordOr("-"u8, variables[CgiVariable.RequestUri]);
        line.Append(" => generated "u8);
        line.Append(outcome.BodySize);
        line.Append(" bytes in "u8);
        line.Append(request.Duration.Ticks / (microseconds ? TimeSpan.TicksPerMicrosecond : TimeSpan.TicksPerMillisecond));
        line.Append(microseconds ? " micros"u8 : " msecs"u8);
        line.Append(outcome.Delivery switch
        {
            FileDelivery.Sendfile => " via sendfile() ("u8,
            FileDelivery.Offload => " via offload() ("u8,
            _ => " ("u8,
        });
        line.AppendWordOr("-"u8, variables[CgiVariable.ServerProtocol]);
        line.Append(" "u8);
        line.Append(LoggedStatus.Of(outcome));
        line.Append(") "u8);
        line.Append(outcome.HeaderCount);
        line.Append(" headers in "u8);
        line.Append(outcome.HeadSize);
        line.Append(hasRun ? " bytes (1 switches on core "u8 : " bytes (0 switches on core "u8);
        line.Append(Math.Max(request.Slot, 0));
        line.Append(")"u8);
    }
}
