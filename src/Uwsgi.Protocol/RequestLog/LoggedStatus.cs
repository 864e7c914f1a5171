using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Requests;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>The status to log: of a response that did not reach its end, what that end was worth.</summary>
internal static class LoggedStatus
{
    public static int Of(in RequestOutcome outcome) => outcome.Reason switch
    {
        EndReason.PeerGone => 499,
        EndReason.Harakiri => 504,
        EndReason.AppFailed or EndReason.ResponseTooShort or EndReason.AppAborted or EndReason.WriteCanceled => Math.Max(outcome.StatusCode, 500),
        _ => outcome.StatusCode,
    };
}
