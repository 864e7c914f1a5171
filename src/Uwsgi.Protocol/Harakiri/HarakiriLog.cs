using Microsoft.Extensions.Logging;

namespace Uwsgi.Protocol.Harakiri;

/// <summary>What harakiri says, beginning as uWSGI's sentences do.</summary>
internal sealed partial class HarakiriLog(ILogger logger)
{
    /// <summary>The worker's number, which uWSGI counts from 1: a process without a master is the first.</summary>
    private const int Worker = 1;

    public void Triggered(in RequestDescription request, long since, double age, string details) => Triggered(
        Worker, Environment.ProcessId, request.Address, request.Method, request.Target, since, age, request.Endpoint ?? "none", request.TraceId,
        request.TraceIdentifier, details);

    public void Killed(in RequestDescription request, KillOutcome outcome, double age, int stuck) => Killed(
        request.Method,
        request.Target,
        outcome switch
        {
            KillOutcome.Answered => "was answered 504",
            KillOutcome.Cut => "was aborted",
            _ => "was complete",
        },
        age,
        stuck,
        request.TraceIdentifier);

    public void CameBack(in RequestDescription request, double age, int stuck) =>
        CameBack(request.Method, request.Target, age, stuck, request.TraceIdentifier);

    /// <summary>Calls the app's own; what it throws is logged.</summary>
    public void Call(Action<StuckRequest> onStuck, StuckRequest request)
    {
        try
        {
            onStuck(request);
        }
        catch (Exception e)
        {
            OnStuckFailed(e);
        }
    }

    [LoggerMessage(4, LogLevel.Error, "HARAKIRI: OnStuck failed.", EventName = nameof(OnStuckFailed))]
    public partial void OnStuckFailed(Exception exception);

    [LoggerMessage(5, LogLevel.Error, "HARAKIRI: a request that is over its time could not be ended.", EventName = nameof(MonitorFailed))]
    public partial void MonitorFailed(Exception exception);

    [LoggerMessage(1, LogLevel.Warning,
        @"*** HARAKIRI ON WORKER {Worker} (pid: {Pid}) *** {Address} - {Method} {Uri} since {Since}: {Age:F1} s old, endpoint ""{Endpoint}"", trace id {TraceId}, Request id ""{TraceIdentifier}""{Details}",
        EventName = nameof(Triggered))]
    private partial void Triggered(
        int worker, int pid, string address, string method, string uri, long since, double age, string endpoint, string traceId, string traceIdentifier, string details);

    [LoggerMessage(2, LogLevel.Warning,
        @"HARAKIRI: {Method} {Uri} {Outcome} after {Age:F1} s. Stuck handlers: {Stuck}. Request id ""{TraceIdentifier}""",
        EventName = nameof(Killed))]
    private partial void Killed(string method, string uri, string outcome, double age, int stuck, string traceIdentifier);

    [LoggerMessage(3, LogLevel.Information,
        @"HARAKIRI: the handler of {Method} {Uri}, which was stuck, came back after {Age:F1} s. Stuck handlers: {Stuck}. Request id ""{TraceIdentifier}""",
        EventName = nameof(CameBack))]
    private partial void CameBack(string method, string uri, double age, int stuck, string traceIdentifier);
}
