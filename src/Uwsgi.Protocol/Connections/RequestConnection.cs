using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Hosting;
using Uwsgi.Protocol.Http;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>One connection of uwsgi or SCGI: a head, a body, a response, the end. No front end sends a second request.</summary>
internal sealed class RequestConnection : IExchange
{
    // modifier1 100, datasize 0, modifier2 1: "PONG", with no warning behind it.
    private static readonly byte[] Pong = [UwsgiModifier1.Ping, 0, 0, 1];

    private readonly GatewayApplication _application;
    private readonly GatewayRuntime _runtime;
    private readonly ConnectionContext _connection;
    private readonly ConnectionEnd _end;
    private readonly HeadFormat _format;
    private RequestContext? _request;
    private int _abortReason;
    private WireError _wireError;

    public RequestConnection(GatewayApplication application, ConnectionContext connection, HeadFormat format, bool hasDirectOutput)
    {
        _application = application;
        _runtime = application.Runtime;
        _format = format;
        _connection = connection;
        _end = new ConnectionEnd(connection, _runtime, hasDirectOutput);
    }

    public GatewayProtocol Protocol => _format.Protocol;

    public ResponseHeadStyle HeadStyle => _format.Style;

    public PipeReader Input => _connection.Transport.Input;

    public PipeWriter Output => _connection.Transport.Output;

    public bool CanUpgrade => true;

    public async Task ExecuteAsync()
    {
        var tags = _connection.Features.Get<IConnectionMetricsTagsFeature>()?.Tags;
        tags?.Add(new("network.protocol.name", GatewayAddress.Scheme(Protocol)));
        EndReason reason;
        try
        {
            reason = await ServeAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (TransportFailure.Is(e))
        {
            reason = EndReason.PeerGone;
        }
        catch (Exception e)
        {
            _runtime.Log.UnexpectedError(_connection.ConnectionId, e);
            reason = EndReason.AppFailed;
            Abort(reason);
        }

        if (reason > EndReason.Stopping)
        {
            tags?.Add(new("error.type", _wireError == WireError.None ? reason.ToString() : _wireError.ToString()));
        }

        _runtime.Log.ConnectionEnded(_connection.ConnectionId, reason);
    }

    public void Abort(EndReason reason)
    {
        if (Interlocked.CompareExchange(ref _abortReason, (int)reason, 0) == 0)
        {
            _request?.OnAborted();
            _end.Abort(reason);
        }
    }

    public void OnPeerGone() => _request?.OnAborted();

    public void OnResponseCompleted() => _end.HalfClose();

    public Task DrainAsync(RequestBody body) =>
        // Where the connection can be half-closed, the response need not wait for a body that nobody wants.
        _end.CanHalfClose ? Task.CompletedTask : _end.DrainAsync(body);

    private async Task<EndReason> ServeAsync()
    {
        if (!_runtime.Peers.Allows(_connection))
        {
            _runtime.Log.PeerNotAllowed(_connection.ConnectionId, _connection.RemoteEndPoint);
            return Reject(EndReason.PeerNotAllowed);
        }

        RequestHead head;
        try
        {
            head = await new HeadReader(_connection, _application, _format).ReadAsync().ConfigureAwait(false);
        }
        catch (WireFormatException e)
        {
            return await RefuseAsync(e).ConfigureAwait(false);
        }

        switch (head.Reason)
        {
            case EndReason.Completed:
                return await RunAsync(head).ConfigureAwait(false);
            case EndReason.Ping:
                _runtime.Metrics.Pinged();
                _ = await Output.WriteAsync(Pong).ConfigureAwait(false);
                return head.Reason;
            case EndReason.RequestHeadTimeout:
                _runtime.Log.TimedOut(_connection.ConnectionId, head.Reason, nameof(UwsgiProtocolLimits.RequestHeadTimeout));
                return Reject(head.Reason);
            case EndReason.IdleTimeout:
                _runtime.Log.TimedOut(_connection.ConnectionId, head.Reason, nameof(UwsgiProtocolLimits.IdleTimeout));
                return Reject(head.Reason);
            default:
                return head.Reason;
        }
    }

    private async Task<EndReason> RunAsync(RequestHead head)
    {
        var request = head.Request!;
        if (!_runtime.TryEnterRequest())
        {
            _application.Return(request);
            _runtime.Log.TooManyRequests(_connection.ConnectionId, _runtime.Limits.MaxConcurrentRequests!.Value);
            return await RefuseAsync(EndReason.TooManyRequests, StatusCodes.Status503ServiceUnavailable, "").ConfigureAwait(false);
        }

        EndReason reason;
        bool isRead;
        try
        {
            request.Begin(_connection, this, head.Modifier1, head.Modifier2);
            _request = request;
            reason = await _application.RunAsync(request, this).ConfigureAwait(false);
            isRead = reason is not EndReason.Completed || IsRead(request.Body);
        }
        catch (WireFormatException e) when (_request is null)
        {
            _application.Return(request);
            return await RefuseAsync(e).ConfigureAwait(false);
        }
        finally
        {
            _runtime.LeaveRequest();
        }

        // From here on an abort finds no request: it may already be another connection's.
        _request = null;
        _application.Return(request);
        if (reason is not (EndReason.Completed or EndReason.Upgraded))
        {
            // Whoever aborted it first knows why.
            reason = _abortReason == 0 ? reason : (EndReason)_abortReason;
            _runtime.Metrics.Aborted(Protocol, reason.ToString());
        }
        else if (!isRead || reason is EndReason.Upgraded)
        {
            await _end.LingerAsync().ConfigureAwait(false);
        }

        return reason;
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

    private async Task<EndReason> RefuseAsync(WireFormatException error)
    {
        _wireError = error.Error;
        var statusCode = Refusal.StatusOf(error.Error);
        _runtime.Log.RequestRefused(_connection.ConnectionId, statusCode, error.Error, error.Message, Refusal.SettingOf(error.Error));
        _runtime.Metrics.Rejected(Protocol, error.Error.ToString());
        if (statusCode == 0)
        {
            return EndReason.Malformed;
        }

        var isHttp = error.Error == WireError.HttpRequest;
        await AnswerAsync(
            statusCode,
            isHttp ? error.Message + "\n" : "",
            isHttp ? ResponseHeadStyle.StatusLine : HeadStyle).ConfigureAwait(false);
        return EndReason.Malformed;
    }

    private async Task<EndReason> RefuseAsync(EndReason reason, int statusCode, string text)
    {
        _runtime.Metrics.Rejected(Protocol, reason.ToString());
        await AnswerAsync(statusCode, text, HeadStyle).ConfigureAwait(false);
        return reason;
    }

    private async Task AnswerAsync(int statusCode, string text, ResponseHeadStyle style)
    {
        await Refusal.WriteAsync(Output, style, _runtime.Date, statusCode, text).ConfigureAwait(false);

        // The peer may be sending still: a close now would take the answer away from it.
        await _end.LingerAsync().ConfigureAwait(false);
    }

    private EndReason Reject(EndReason reason)
    {
        _runtime.Metrics.Rejected(Protocol, reason.ToString());
        Abort(reason);
        return reason;
    }
}
