using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Http;
using Uwsgi.Protocol.Offload;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>One connection of uwsgi or SCGI: a head, a body, a response, the end. No front end sends a second request.</summary>
internal sealed class RequestConnection : GatewayConnection, IExchange
{
    // modifier1 100, datasize 0, modifier2 1: "PONG", with no warning behind it.
    private static readonly byte[] Pong = [UwsgiModifier1.Ping, 0, 0, 1];

    private readonly HeadFormat _format;
    private RequestContext? _request;
    private ResponseBody? _owner;
    private Task<EndReason>? _offloaded;
    private volatile bool _isAppDone;
    private bool _hasBegunEnd;

    public RequestConnection(GatewayApplication application, ConnectionContext connection, HeadFormat format, bool hasDirectOutput)
        : base(application, connection, hasDirectOutput) => _format = format;

    public override GatewayProtocol Protocol => _format.Protocol;

    public int Number => 1;

    public ResponseHeadStyle HeadStyle => _format.Style;

    public PipeReader Input => Connection.Transport.Input;

    public IDirectOutput? DirectOutput => Output as IDirectOutput;

    public bool CanUpgrade => true;

    public bool IsAborted => AbortReasonOr(EndReason.Completed) != EndReason.Completed;

    public void OnPeerGone() => OnAbort();

    public void AbortConnection(EndReason reason) => Abort(reason);

    public void Offload(FileBody file, OffloadRuntime offload, Task earlier) => _offloaded = OffloadAsync(SendAsync(offload, file, this, earlier));

    // Nothing marks the end but the end of the connection.
    public void OnResponseEnding() => _hasBegunEnd = Connection is IDirectConnection direct && direct.TryBeginEnd();

    public void OnResponseCompleted(bool isAppAtWork)
    {
        if (_offloaded is { IsCompleted: false })
        {
            return;
        }

        // Else the connection is closed at once.
        if (_hasBegunEnd || isAppAtWork || _request?.Body is { IsDrained: false })
        {
            End.HalfClose();
        }
    }

    public Task DrainAsync(RequestBody body) =>
        // Where the connection can be half-closed, the response need not wait for a body that nobody wants.
        End.CanHalfClose ? Task.CompletedTask : End.DrainAsync(body);

    protected override void OnAbort() => _request?.OnAborted(_owner);

    protected override async ValueTask<EndReason> ServeAsync()
    {
        RequestHead head;
        try
        {
            // Some readers insist on what was looked at before the protocol was known.
            if (Connection is not IDirectConnection || !HeadReader.TryRead(Input, Application, _format, out head))
            {
                head = await new HeadReader(Connection, Application, _format).ReadAsync().ConfigureAwait(false);
            }
        }
        catch (WireFormatException e)
        {
            return await RefuseAsync(e).ConfigureAwait(false);
        }

        switch (head.Reason)
        {
            case EndReason.Completed:
                return await RunAsync(head, head.Request!).ConfigureAwait(false);
            case EndReason.Ping:
                Runtime.Metrics.Pinged();
                _ = await Output.WriteAsync(Pong).ConfigureAwait(false);
                return head.Reason;
            case EndReason.RequestHeadTimeout:
                return RejectLate(head.Reason, nameof(UwsgiProtocolLimits.RequestHeadTimeout));
            case EndReason.IdleTimeout:
                return RejectLate(head.Reason, nameof(UwsgiProtocolLimits.IdleTimeout));
            default:
                return head.Reason;
        }
    }

    private async ValueTask<EndReason> RunAsync(RequestHead head, RequestContext request)
    {
        if (!Runtime.TryEnterRequest())
        {
            Application.Return(request);
            OnTooManyRequests(Runtime.Limits.MaxConcurrentRequests ?? 0, nameof(UwsgiProtocolLimits.MaxConcurrentRequests));
            await AnswerAsync(HeadStyle, StatusCodes.Status503ServiceUnavailable, "").ConfigureAwait(false);
            return EndReason.TooManyRequests;
        }

        if (TryBegin(head, request) is { } error)
        {
            return await RefuseAsync(error).ConfigureAwait(false);
        }

        EndReason reason;
        bool isRead;
        var hasBody = request.Body is not null;
        try
        {
            reason = await Application.RunAsync(request, this).ConfigureAwait(false);
            isRead = reason is not EndReason.Completed || IsRead(request.Body);
        }
        finally
        {
            Runtime.LeaveRequest();
        }

        // From here on an abort finds no request: it may already be another connection's.
        _request = null;
        Application.Return(request);
        if (_offloaded is not null)
        {
            _isAppDone = true;
            var sent = await _offloaded.ConfigureAwait(false);
            reason = reason is EndReason.Completed ? sent : reason;
        }

        if (reason is not (EndReason.Completed or EndReason.Upgraded))
        {
            reason = AbortReasonOr(reason);
            Runtime.Metrics.Aborted(Protocol, reason.ToString());
        }
        else if (!isRead || reason is EndReason.Upgraded)
        {
            await End.LingerAsync().ConfigureAwait(false);
        }
        else if (!hasBody && Connection is IDirectConnection direct && TryLeave())
        {
            // A body's reader may be kept by the app.
            direct.Leave();
        }

        return reason;
    }

    private async Task<EndReason> OffloadAsync(Task<EndReason> sending)
    {
        if (sending.IsCompleted)
        {
            return await sending.ConfigureAwait(false);
        }

        var reason = await sending.ConfigureAwait(false);
        if (reason is EndReason.Completed && !_isAppDone)
        {
            End.HalfClose();
        }

        return reason;
    }

    private WireFormatException? TryBegin(RequestHead head, RequestContext request)
    {
        try
        {
            request.Begin(Connection, this, head.Modifier1, head.Modifier2);
            (_request, _owner) = (request, request.ResponseBody);
            return null;
        }
        catch (WireFormatException e)
        {
            return e;
        }
        finally
        {
            if (_request is null)
            {
                // Out of the count before it is answered: a peer that does not go away takes nobody's place.
                Runtime.LeaveRequest();
                Application.Return(request);
            }
        }
    }

    private static bool IsRead(RequestBody? body)
    {
        try
        {
            _ = body?.TryDrain();
            return body is null or { IsDrained: true };
        }
        catch (Exception e) when (TransportFailure.Is(e))
        {
            // The peer has its response, and did not wait to send the rest.
            return true;
        }
    }

    private async ValueTask<EndReason> RefuseAsync(WireFormatException error)
    {
        Error = error.Error;
        var statusCode = OnRefused(error);
        if (statusCode != 0)
        {
            // What came as HTTP reads HTTP.
            var isHttp = error.Error == WireError.HttpRequest;
            await AnswerAsync(
                isHttp ? ResponseHeadStyle.StatusLine : HeadStyle, statusCode, isHttp ? error.Message + "\n" : "").ConfigureAwait(false);
        }

        return EndReason.Malformed;
    }
}
