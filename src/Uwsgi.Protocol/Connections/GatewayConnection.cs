using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Hosting;
using Uwsgi.Protocol.Http;
using Uwsgi.Protocol.Offload;
using Uwsgi.Protocol.Requests;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>A front end's connection, whatever its protocol: who may open one, and how its end is told.</summary>
internal abstract class GatewayConnection
{
    // No reason: the connection is over, and it is too late for one.
    private const int Left = -1;

    private readonly bool _hasDirectOutput;
    private ConnectionEnd? _end;
    private int _abortReason;

    protected GatewayConnection(GatewayApplication application, ConnectionContext connection, bool hasDirectOutput)
    {
        Application = application;
        Connection = connection;
        _hasDirectOutput = hasDirectOutput;
    }

    public abstract GatewayProtocol Protocol { get; }

    public PipeWriter Output => Connection.Transport.Output;

    protected GatewayApplication Application { get; }

    protected GatewayRuntime Runtime => Application.Runtime;

    protected ConnectionContext Connection { get; }

    // Most connections end by themselves.
    protected ConnectionEnd End => _end
        ?? Interlocked.CompareExchange(ref _end, new ConnectionEnd(Connection, Runtime, _hasDirectOutput), null)
        ?? _end;

    /// <summary>Whether it was ended from here before its time.</summary>
    public bool IsAborted => Volatile.Read(ref _abortReason) > 0;

    /// <summary>What was wrong with its bytes, once something was.</summary>
    protected WireError Error { get; set; }

    /// <summary>Serves the connection until it is over.</summary>
    public async Task ExecuteAsync()
    {
        EndReason reason;
        try
        {
            reason = Runtime.Peers.Allows(Connection, Protocol) ? await ServeAsync().ConfigureAwait(false) : RejectPeer();
        }
        catch (Exception e) when (TransportFailure.Is(e))
        {
            reason = AbortReasonOr(EndReason.PeerGone);
        }
        catch (Exception e)
        {
            Runtime.Log.UnexpectedError(Connection.ConnectionId, e);
            reason = EndReason.AppFailed;
            Abort(reason);
        }
        finally
        {
            _end?.Leave();
        }

        if (reason is EndReason.HandedOver)
        {
            return;
        }

        var tags = Connection.Features.Get<IConnectionMetricsTagsFeature>()?.Tags;
        tags?.Add(new("network.protocol.name", GatewayAddress.Scheme(Protocol)));
        if (reason > EndReason.Stopping)
        {
            tags?.Add(new("error.type", Error == WireError.None ? reason.ToString() : Error.ToString()));
        }

        Runtime.Log.ConnectionEnded(Connection, reason);
    }

    /// <summary>Ends the connection so that the front end can tell it from one in order.</summary>
    public void Abort(EndReason reason)
    {
        if (Interlocked.CompareExchange(ref _abortReason, (int)reason, 0) == 0)
        {
            OnAbort();
            End.Abort(reason);
        }
    }

    /// <summary>Takes the connection from whoever might still abort it.</summary>
    /// <returns>Whether nobody has.</returns>
    protected bool TryLeave() => Interlocked.CompareExchange(ref _abortReason, Left, 0) == 0;

    /// <summary>Sends a file behind a request, which leaves nothing of itself to it.</summary>
    public Task<EndReason> SendAsync(OffloadRuntime offload, FileBody file, IExchange exchange, Task earlier)
    {
        var flow = ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow();
        try
        {
            return new OffloadedFile(file, exchange, Connection, Runtime, offload).SendAsync(earlier);
        }
        finally
        {
            flow?.Undo();
        }
    }

    protected abstract ValueTask<EndReason> ServeAsync();

    /// <summary>The connection is about to be aborted.</summary>
    protected abstract void OnAbort();

    /// <summary>Why it was aborted, where it was: whoever did so first knows.</summary>
    protected EndReason AbortReasonOr(EndReason reason) => _abortReason <= 0 ? reason : (EndReason)_abortReason;

    /// <summary>Ends a connection that has nothing to be answered.</summary>
    protected EndReason Reject(EndReason reason)
    {
        Runtime.Metrics.Rejected(Protocol, reason.ToString());
        if (reason is not EndReason.IdleTimeout)
        {
            OnRefused(reason, statusCode: 0);
        }

        Abort(reason);
        return reason;
    }

    /// <summary>Ends a connection that took too long.</summary>
    protected EndReason RejectLate(EndReason reason, string setting)
    {
        Runtime.Log.TimedOut(Connection.ConnectionId, reason, setting);
        return Reject(reason);
    }

    /// <summary>Tells of a request that is refused.</summary>
    /// <param name="error">What is wrong with it.</param>
    /// <param name="variables">Its variables, where they could be read.</param>
    /// <returns>The status to answer with; 0 for none.</returns>
    protected int OnRefused(WireFormatException error, CgiVariables? variables = null)
    {
        var statusCode = Refusal.StatusOf(error.Error);
        OnRefused(EndReason.Malformed, statusCode, variables, error.Error);
        Runtime.Log.RequestRefused(Connection.ConnectionId, statusCode, error.Error, error.Message, Refusal.SettingOf(error.Error));
        Runtime.Metrics.Rejected(Protocol, error.Error.ToString());
        return statusCode;
    }

    /// <summary>Tells of a request for which there is no room, and which is answered 503.</summary>
    protected void OnTooManyRequests(long max, string setting, CgiVariables? variables = null)
    {
        OnRefused(EndReason.TooManyRequests, StatusCodes.Status503ServiceUnavailable, variables);
        Runtime.Log.TooManyRequests(Connection.ConnectionId, max, setting);
        Runtime.Metrics.Rejected(Protocol, nameof(EndReason.TooManyRequests));
    }

    /// <summary>Tells the table of requests of one that is refused.</summary>
    protected void OnRefused(EndReason reason, int statusCode, CgiVariables? variables = null, WireError error = WireError.None) =>
        Runtime.Requests?.Refuse(Protocol, new RequestOutcome { Reason = reason, StatusCode = statusCode, Error = error }, variables);

    /// <summary>Answers, and reads on until the peer has the answer: a close now would take it away again.</summary>
    protected async Task AnswerAsync(ResponseHeadStyle style, int statusCode, string text)
    {
        await Refusal.WriteAsync(Output, style, Runtime.Date, statusCode, text).ConfigureAwait(false);
        await End.LingerAsync().ConfigureAwait(false);
    }

    private EndReason RejectPeer()
    {
        Runtime.Log.PeerNotAllowed(Connection.ConnectionId, Connection.RemoteEndPoint);
        return Reject(EndReason.PeerNotAllowed);
    }
}
