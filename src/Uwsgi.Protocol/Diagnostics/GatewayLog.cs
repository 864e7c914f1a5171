using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Diagnostics;

/// <summary>What connections and requests say. The peer's faults are Debug, the app's are Error, nothing a request is Information.</summary>
internal sealed partial class GatewayLog(ILogger logger)
{
    /// <summary>Every connection ends: its id is made only where somebody reads it.</summary>
    public void ConnectionEnded(ConnectionContext connection, EndReason reason)
    {
        if (logger.IsEnabled(LogLevel.Debug))
        {
            ConnectionEnded(connection.ConnectionId, reason);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, @"Connection id ""{ConnectionId}"" ended: {Reason}.", EventName = nameof(ConnectionEnded), SkipEnabledCheck = true)]
    private partial void ConnectionEnded(string connectionId, EndReason reason);

    [LoggerMessage(2, LogLevel.Debug,
        @"Connection id ""{ConnectionId}"" sent a request that was refused with status {StatusCode}: {Error}. {Message} {Setting}",
        EventName = nameof(RequestRefused))]
    public partial void RequestRefused(string connectionId, int statusCode, WireError error, string message, string setting);

    [LoggerMessage(3, LogLevel.Error,
        @"Connection id ""{ConnectionId}"", Request id ""{TraceIdentifier}"": An unhandled exception was thrown by the application.",
        EventName = nameof(ApplicationError))]
    public partial void ApplicationError(string connectionId, string traceIdentifier, Exception exception);

    [LoggerMessage(4, LogLevel.Debug,
        @"Connection id ""{ConnectionId}"", Request id ""{TraceIdentifier}"": the request was bad: {Message}",
        EventName = nameof(BadRequest))]
    public partial void BadRequest(string connectionId, string traceIdentifier, string message, Exception exception);

    [LoggerMessage(5, LogLevel.Debug,
        @"Connection id ""{ConnectionId}"", Request id ""{TraceIdentifier}"": the app stopped because the request was aborted.",
        EventName = nameof(RequestAborted))]
    public partial void RequestAborted(string connectionId, string traceIdentifier);

    [LoggerMessage(6, LogLevel.Debug,
        @"Connection id ""{ConnectionId}"" was refused: as many requests as may be ({Max}) are in the app. See UwsgiProtocolOptions.Limits.{Setting}.",
        EventName = nameof(TooManyRequests))]
    public partial void TooManyRequests(string connectionId, long max, string setting);

    [LoggerMessage(7, LogLevel.Debug,
        @"Connection id ""{ConnectionId}"" was refused: its peer {Peer} is not allowed. See UwsgiProtocolOptions.AllowedNetworks and AllowedUserIds, and FCGI_WEB_SERVER_ADDRS.",
        EventName = nameof(PeerNotAllowed))]
    public partial void PeerNotAllowed(string connectionId, System.Net.EndPoint? peer);

    [LoggerMessage(8, LogLevel.Debug,
        @"Connection id ""{ConnectionId}"" took too long ({Reason}) and was closed. See UwsgiProtocolOptions.Limits.{Setting}.",
        EventName = nameof(TimedOut))]
    public partial void TimedOut(string connectionId, EndReason reason, string setting);

    [LoggerMessage(9, LogLevel.Warning,
        @"Connection id ""{ConnectionId}"": a response's head has {Size} bytes. nginx answers 502 to more than one page, 4096 bytes, unless uwsgi_buffer_size says otherwise. Further ones are logged as Debug.",
        EventName = nameof(LargeHead))]
    public partial void LargeHead(string connectionId, int size);

    [LoggerMessage(10, LogLevel.Debug,
        @"Connection id ""{ConnectionId}"": a response's head has {Size} bytes.", EventName = nameof(AnotherLargeHead))]
    public partial void AnotherLargeHead(string connectionId, int size);

    [LoggerMessage(11, LogLevel.Error,
        @"Connection id ""{ConnectionId}"", Request id ""{TraceIdentifier}"": Response Content-Length mismatch: too few bytes written ({Written} of {Announced}).",
        EventName = nameof(ResponseTooShort))]
    public partial void ResponseTooShort(string connectionId, string traceIdentifier, long written, long? announced);

    [LoggerMessage(12, LogLevel.Error,
        @"Connection id ""{ConnectionId}"" failed in a way that the server did not expect.", EventName = nameof(UnexpectedError))]
    public partial void UnexpectedError(string connectionId, Exception exception);
}
