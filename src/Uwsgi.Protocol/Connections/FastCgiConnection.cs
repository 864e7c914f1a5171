using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Http;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>One FastCGI connection: reads its records and hands them to the requests they belong to, one after the other or several at a time.</summary>
/// <remarks>FastCGI 1.0.</remarks>
internal sealed class FastCgiConnection : GatewayConnection
{
    private readonly OutputFlush _flush;
    private readonly FastCgiAnswers _answers;
    private readonly FastCgiRequests _requests;
    private readonly FastCgiDeadline _deadline;
    private readonly FastCgiSchedule _schedule;
    private CancellationTokenRegistration _stopping;
    private int _number;
    private bool _hasBegun;
    private bool _hasBegunEnd;
    private bool _isOrderly = true;
    private bool _mustLinger;
    private volatile bool _isStopping;
    private volatile bool _isOver;

    public FastCgiConnection(GatewayApplication application, ConnectionContext connection, bool hasDirectOutput)
        : base(application, connection, hasDirectOutput)
    {
        _flush = new OutputFlush(Gate);
        _requests = new FastCgiRequests(Gate);
        _answers = new FastCgiAnswers(this, Runtime);
        Turns = new FastCgiTurns(Gate, connection as IDirectConnection);
        _deadline = new FastCgiDeadline(connection, Runtime, _requests);
        _schedule = new FastCgiSchedule(this, connection, _requests);
    }

    /// <summary>What is written to the output is written under it, whole records at a time.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Who has more to send than a turn takes.</summary>
    public FastCgiTurns Turns { get; }

    public override GatewayProtocol Protocol => GatewayProtocol.FastCgi;

    private PipeReader Input => Connection.Transport.Input;

    private UwsgiProtocolLimits Limits => Runtime.Limits;

    /// <summary>Flushes the connection; called with the gate held.</summary>
    public ValueTask<FlushResult> Flush(CancellationToken cancellationToken) =>
        _schedule.TryHold(Output) ? default : FlushNow(cancellationToken);

    /// <summary>Flushes the connection, what was held back included; called with the gate held.</summary>
    public ValueTask<FlushResult> FlushNow(CancellationToken cancellationToken = default) => _flush.FlushAsync(Output, cancellationToken);

    /// <summary>
    /// Flushes the connection, and sends one record of a response whose content stays where it is; called with the gate held. Where another flush
    /// waits, the record is not begun before that is done: what others write meanwhile is not torn.
    /// </summary>
    public ValueTask<FlushResult> SendRecord(FastCgiRequest request, DirectContent content, CancellationToken cancellationToken) =>
        _flush.FlushAsync(
            static (record, cancellationToken) =>
            {
                if (record.Request.HasEnded)
                {
                    return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: true));
                }

                var output = record.Connection.Output;
                var header = new FastCgiRecordHeader(FastCgiRecordType.Stdout, record.Request.Id, (ushort)record.Content.Length, PaddingLength: 0);
                header.WriteTo(output.GetSpan(FastCgiRecordHeader.Size));
                output.Advance(FastCgiRecordHeader.Size);
                return ((IDirectOutput)output).SendAsync(record.Content, cancellationToken);
            },
            (Connection: this, Request: request, Content: content),
            cancellationToken);

    /// <summary>
    /// Ends a request whose response cannot be completed. A reset is what the front end can see, but it ends the connection: where other
    /// requests are on it, they go on, and this one ends short. So it does over a unix socket, which has no reset: without its end, nginx would
    /// keep the client waiting.
    /// </summary>
    public void AbortRequest(FastCgiRequest request, EndReason reason)
    {
        bool isAlone;
        lock (Gate)
        {
            // Requests whose params come are others too; their number is all that is looked at here.
            isAlone = !request.HasEnded && _requests.RunningCount == 1 && _requests.Begun.Count == 0;
        }

        if (isAlone && End.CanReset)
        {
            Abort(reason);
        }
    }

    /// <summary>
    /// Writes FCGI_END_REQUEST, once for each request; called with the gate held. From then on the front end may use the id again, whatever
    /// there is left to do about the request here.
    /// </summary>
    public void WriteEnd(FastCgiRequest request, FastCgiProtocolStatus status)
    {
        if (_requests.TryEnd(request))
        {
            FastCgiRecordWriter.WriteEndRequest(Output, request.Id, new FastCgiEndRequest(0, status));
        }
    }

    /// <summary>The next flush is the last of a request, and of the connection where that is not kept.</summary>
    public void OnResponseEnding(FastCgiRequest request) =>
        _hasBegunEnd = _schedule.IsInline(request) && Connection is IDirectConnection direct && direct.TryBeginEnd();

    /// <summary>Without FCGI_KEEP_CONN, nginx holds the response back until the connection ends: it need not wait for what the app does next.</summary>
    public void OnResponseCompleted(FastCgiRequest request, bool isAppAtWork)
    {
        // Else the connection is closed at once.
        var isLeft = _hasBegunEnd || isAppAtWork || !_schedule.IsInline(request);
        if (isLeft && !request.KeepConnection && _requests.RunningCount == 0)
        {
            End.HalfClose();
        }
    }

    /// <summary>A request has ended though the app is still at work on it: the others go on, and the front end may use its id again.</summary>
    public async Task OnKilledAsync(FastCgiRequest request, Task sent)
    {
        _answers.End(request, FastCgiProtocolStatus.RequestComplete);
        _requests.OnKilled(request);
        CloseUnlessKept(request);

        // Kestrel's transport sends when the pool has a thread, and what is not sent by then a half-close would cut off.
        await sent.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        OnResponseCompleted(request, isAppAtWork: true);
        if (_schedule.IsInline(request))
        {
            // Who reads the connection is in the app.
            _ = End.AbandonAsync(Task.CompletedTask);
        }
        else if (_isOver || _isStopping)
        {
            Input.CancelPendingRead();
        }
    }

    protected override void OnAbort()
    {
        foreach (var request in _requests.Running())
        {
            request.Abort(EndReason.PeerGone);
        }
    }

    protected override async ValueTask<EndReason> ServeAsync()
    {
        try
        {
            var reason = await ReadAsync().ConfigureAwait(false);
            if (reason is EndReason.Completed or EndReason.Stopping)
            {
                await _answers.SendAsync().ConfigureAwait(false);
            }

            if (reason is EndReason.Completed && _mustLinger)
            {
                await End.LingerAsync().ConfigureAwait(false);
            }
            else if (reason is EndReason.Completed && _isOrderly && !_deadline.IsWatched && Connection is IDirectConnection direct && TryLeave())
            {
                direct.Leave();
            }

            return AbortReasonOr(reason);
        }
        finally
        {
            _stopping.Dispose();
            _deadline.Unwatch();
            await EndRequestsAsync().ConfigureAwait(false);
        }
    }

    private async ValueTask<EndReason> ReadAsync()
    {
        while (true)
        {
            _deadline.OnReading();
            var pending = Input.ReadAsync();
            if (!pending.IsCompleted)
            {
                Watch();
            }

            var result = await pending.ConfigureAwait(false);
            FastCgiRequest? full;
            bool isWhole;
            try
            {
                full = OnRead(result, out isWhole);
            }
            catch (WireFormatException e)
            {
                return await RefuseConnectionAsync(e).ConfigureAwait(false);
            }

            if (full is not null)
            {
                await full.WaitForRoomAsync().ConfigureAwait(false);
                continue;
            }

            if (_answers.AreTooMany)
            {
                await _answers.SendAsync().ConfigureAwait(false);
            }

            if (_isOver)
            {
                return EndReason.Completed;
            }

            if (result.IsCompleted)
            {
                return OnPeerClosed(isWhole);
            }

            if (_deadline.TakePassed() && OnLate() is { } late)
            {
                return late;
            }

            if (_isStopping && _requests.Begun.Count == 0 && _requests.RunningCount == 0)
            {
                return EndReason.Stopping;
            }
        }
    }

    /// <summary>Takes the records that are there.</summary>
    /// <returns>A request that has no room for more of its body; nothing behind it was taken.</returns>
    private FastCgiRequest? OnRead(in ReadResult result, out bool isWhole)
    {
        var buffer = result.Buffer;
        var examined = buffer.End;
        FastCgiRequest? full = null;
        try
        {
            if (_hasBegun || TryBegin(buffer))
            {
                while (FastCgiRecordReader.TryRead(ref buffer, out var header, out var content))
                {
                    _deadline.OnRecord();
                    full = OnRecord(header, content);
                    if (full is not null || _isOver || _answers.AreTooMany)
                    {
                        // Stopped by choice: what is there is looked at again.
                        examined = buffer.Start;
                        break;
                    }
                }
            }

            isWhole = buffer.IsEmpty;
            _deadline.OnRead(isWhole);
            return full;
        }
        finally
        {
            Input.AdvanceTo(buffer.Start, examined);
            _schedule.Run();
        }
    }

    /// <summary>Looks at the first bytes: a wrong directive in the front end's configuration sends other ones.</summary>
    private bool TryBegin(in ReadOnlySequence<byte> buffer)
    {
        if (buffer.FirstSpan is not [var version, ..] || (version != FastCgiRecordHeader.Version && buffer.Length < ForeignProtocol.Size))
        {
            return false;
        }

        if (version != FastCgiRecordHeader.Version)
        {
            ForeignProtocol.ThrowIfKnown(buffer, "FastCGI", "fastcgi_pass");
        }

        _hasBegun = true;
        return true;
    }

    private FastCgiRequest? OnRecord(FastCgiRecordHeader header, in ReadOnlySequence<byte> content)
    {
        if (header.IsManagement)
        {
            OnManagementRecord(header.Type, content);
            return null;
        }

        switch (header.Type)
        {
            case FastCgiRecordType.BeginRequest:
                OnBeginRequest(header.RequestId, FastCgiBeginRequest.Parse(content));
                break;
            case FastCgiRecordType.AbortRequest:
                OnAbortRequest(header.RequestId);
                break;
            case FastCgiRecordType.Params:
                OnParams(header.RequestId, content);
                break;
            case FastCgiRecordType.Stdin:
                return OnStdin(header.RequestId, content);
        }

        // What belongs to no request is of one that has ended: the front end could not know yet.
        return null;
    }

    private void OnManagementRecord(FastCgiRecordType type, in ReadOnlySequence<byte> content)
    {
        if (type == FastCgiRecordType.GetValues)
        {
            _answers.WriteValues(ParseNames(content));
        }
        else
        {
            _answers.WriteUnknownType(type);
        }
    }

    /// <summary>What makes no sense asks for nothing, and is answered with that: HAProxy waits for the answer.</summary>
    private FastCgiValueNames ParseNames(in ReadOnlySequence<byte> content)
    {
        try
        {
            return FastCgiValues.ParseNames(content);
        }
        catch (WireFormatException e)
        {
            OnRefused(e);
            return FastCgiValueNames.None;
        }
    }

    private void OnBeginRequest(ushort id, FastCgiBeginRequest begin)
    {
        var earlier = _requests.Find(id);
        if (_requests.Begun.ContainsKey(id) || earlier is { HasEnded: false })
        {
            throw new WireFormatException(WireError.RequestIdInUse, $"FCGI_BEGIN_REQUEST for id {id}, whose request has not ended.");
        }

        // The app may still read the body of a request that it has answered; from here on, what comes is another's.
        earlier?.OnConnectionEnd();
        var request = new FastCgiRequest(this, id, ++_number, begin)
        {
            Deadline = Runtime.Deadlines.After(Limits.RequestHeadTimeout),
        };
        if (begin.Role is not (FastCgiRole.Responder or FastCgiRole.Authorizer))
        {
            _answers.End(request, FastCgiProtocolStatus.UnknownRole);
            CloseUnlessKept(request);
        }
        else if (_requests.Begun.Count + _requests.RunningCount >= Limits.MaxFastCgiRequestsPerConnection)
        {
            OnTooManyRequests(Limits.MaxFastCgiRequestsPerConnection, nameof(UwsgiProtocolLimits.MaxFastCgiRequestsPerConnection));
            Refuse(request, StatusCodes.Status503ServiceUnavailable);
        }
        else
        {
            _requests.Begun.Add(id, request);
        }
    }

    private void OnAbortRequest(ushort id)
    {
        if (_requests.Begun.Remove(id, out var begun))
        {
            // Never one without an end, though the app has not heard of it.
            _answers.End(begun, FastCgiProtocolStatus.RequestComplete);
            _ = begun.Release(EndReason.PeerGone);
            CloseUnlessKept(begun);
        }
        else if (_requests.Find(id) is { HasEnded: false } request)
        {
            request.OnAbortRequest();
        }
    }

    private void OnParams(ushort id, in ReadOnlySequence<byte> content)
    {
        if (!_requests.Begun.TryGetValue(id, out var request))
        {
            return;
        }

        try
        {
            if (!content.IsEmpty)
            {
                request.OnParams(content, Limits.MaxRequestVariablesSize);
                return;
            }

            _requests.Begun.Remove(id);
            Start(request);
        }
        catch (WireFormatException e)
        {
            _requests.Begun.Remove(id);
            Refuse(request, OnRefused(e));
        }
    }

    private FastCgiRequest? OnStdin(ushort id, in ReadOnlySequence<byte> content)
    {
        if (_requests.Begun.TryGetValue(id, out var begun))
        {
            if (!begun.OnStdin(content))
            {
                // Nobody will make room for more before its params are complete, and they would have to come behind it.
                _requests.Begun.Remove(id);
                Refuse(begun, OnRefused(new WireFormatException(WireError.PacketTooLarge, "More of the body came before the end of the params than is kept.")));
            }

            return null;
        }

        return _requests.Find(id) is { } request && !request.OnStdin(content) ? request : null;
    }

    private void Start(FastCgiRequest request)
    {
        if (!Runtime.TryEnterRequest())
        {
            OnTooManyRequests(Limits.MaxConcurrentRequests ?? 0, nameof(UwsgiProtocolLimits.MaxConcurrentRequests));
            Refuse(request, StatusCodes.Status503ServiceUnavailable);
            return;
        }

        var context = Application.Rent();
        if (!TryBegin(request, context, out var statusCode))
        {
            Refuse(request, statusCode);
            return;
        }

        context.Enter();
        _requests.Enter(request);
        _schedule.Add(request);
    }

    private bool TryBegin(FastCgiRequest request, RequestContext context, out int statusCode)
    {
        var hasBegun = false;
        statusCode = 0;
        try
        {
            request.Begin(context, Connection, Limits.MaxRequestVariableCount);
            return hasBegun = true;
        }
        catch (WireFormatException e)
        {
            // While its variables are there.
            statusCode = OnRefused(e, context.Variables);
            return false;
        }
        finally
        {
            if (!hasBegun)
            {
                Application.Return(context);
                Runtime.LeaveRequest();
            }
        }
    }

    /// <summary>Runs a request through the app.</summary>
    public async Task RunAsync(FastCgiRequest request, RequestContext context)
    {
        var isInApp = true;
        try
        {
            var reason = EndReason.AppFailed;
            try
            {
                reason = await Application.RunAsync(context, request).ConfigureAwait(false);
            }
            finally
            {
                if (request.Offloaded is null)
                {
                    reason = request.Release(reason);
                }
                else
                {
                    request.LeaveApp();
                }

                context.Leave(reason);
            }

            Application.Return(context);
            _isOrderly &= reason is EndReason.Completed && request.Offloaded is null;
            if (request.Offloaded is { } offloaded)
            {
                // A file that a slow reader gets is no request any more, but the front end's id is not free.
                Runtime.LeaveRequest();
                isInApp = false;
                var sent = await offloaded.ConfigureAwait(false);
                reason = request.Release(reason is EndReason.Completed ? sent : reason);
            }

            if (reason is EndReason.Upgraded)
            {
                _answers.EndUpgrade(request);
            }
            else if (reason is not EndReason.Completed)
            {
                Runtime.Metrics.Aborted(Protocol, reason.ToString());
                EndEarly(request, reason);
            }
        }
        catch (Exception e)
        {
            // The context is not used again: nobody knows what is left in it.
            Runtime.Log.UnexpectedError(Connection.ConnectionId, e);
            Abort(EndReason.AppFailed);
            _ = request.Release(EndReason.AppFailed);
        }
        finally
        {
            if (isInApp)
            {
                Runtime.LeaveRequest();
            }

            OnEnded(request);
        }
    }

    /// <summary>An end without a response is 200 to Apache, and HAProxy waits on: who still wants an answer has one, where none has begun.</summary>
    private void EndEarly(FastCgiRequest request, EndReason reason)
    {
        if (request.HasEnded)
        {
            // In the app's place.
            return;
        }

        if (request.HasBegunResponse || reason is EndReason.PeerGone)
        {
            _answers.End(request, FastCgiProtocolStatus.RequestComplete);
        }
        else
        {
            _answers.Refuse(request, StatusCodes.Status500InternalServerError);
        }
    }

    private void OnEnded(FastCgiRequest request)
    {
        CloseUnlessKept(request);
        lock (Gate)
        {
            if (_requests.Leave(request))
            {
                _deadline.OnIdle();
            }
        }

        if ((_isOver || _isStopping) && !_schedule.IsInline(request))
        {
            Input.CancelPendingRead();
        }
    }

    /// <summary>Without FCGI_KEEP_CONN the connection ends with its request.</summary>
    private void CloseUnlessKept(FastCgiRequest request)
    {
        if (!request.KeepConnection)
        {
            _mustLinger = !request.HasAllStdin;
            _isOver = true;
        }
    }

    private void Refuse(FastCgiRequest request, int statusCode)
    {
        _answers.Refuse(request, statusCode);
        _ = request.Release(EndReason.Malformed);
        CloseUnlessKept(request);
    }

    private async ValueTask<EndReason> RefuseConnectionAsync(WireFormatException error)
    {
        // Where a record ends is not known any more: nothing behind it can be read.
        Error = error.Error;
        var statusCode = OnRefused(error);
        if (error.Error == WireError.HttpRequest)
        {
            await AnswerAsync(ResponseHeadStyle.StatusLine, statusCode, error.Message + "\n").ConfigureAwait(false);
        }
        else
        {
            Abort(EndReason.Malformed);
        }

        return EndReason.Malformed;
    }

    private EndReason OnPeerClosed(bool isWhole)
    {
        if (!isWhole || _requests.Begun.Count > 0)
        {
            Error = WireError.UnexpectedEnd;
            OnRefused(new WireFormatException(Error));
            return EndReason.Malformed;
        }

        foreach (var request in _requests.Running())
        {
            request.OnPeerClosed();
        }

        return _number == 0 ? EndReason.ClosedBeforeRequest : EndReason.Completed;
    }

    /// <summary>The deadline has passed: of requests whose params do not come, or of a connection with none.</summary>
    private EndReason? OnLate()
    {
        var now = Runtime.Deadlines.Now;
        foreach (var request in _requests.Begun.Values.Where(request => request.Deadline <= now).ToArray())
        {
            _requests.Begun.Remove(request.Id);
            Runtime.Log.TimedOut(Connection.ConnectionId, EndReason.RequestHeadTimeout, nameof(UwsgiProtocolLimits.RequestHeadTimeout));
            Runtime.Metrics.Rejected(Protocol, nameof(EndReason.RequestHeadTimeout));
            OnRefused(EndReason.RequestHeadTimeout, StatusCodes.Status408RequestTimeout);
            Refuse(request, StatusCodes.Status408RequestTimeout);
        }

        return _isOver ? EndReason.Completed : _deadline.Reason(now, out var setting) is { } reason ? RejectLate(reason, setting) : null;
    }

    private void Watch()
    {
        if (_deadline.IsWatched)
        {
            return;
        }

        _deadline.Watch();
        if (Connection.Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime)
        {
            _stopping = lifetime.ConnectionClosedRequested.UnsafeRegister(
                static state =>
                {
                    var connection = (FastCgiConnection)state!;
                    connection._isStopping = true;
                    connection.Input.CancelPendingRead();
                },
                this);
        }
    }

    /// <summary>The connection is not read any more: requests in the app come to their end before it does.</summary>
    private async Task EndRequestsAsync()
    {
        foreach (var request in _requests.Running())
        {
            request.OnConnectionEnd();
        }

        await _requests.WhenAllLeftAsync().ConfigureAwait(false);
        await _schedule.SendHeldAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var back = _requests.WhenAllBackAsync();
        if (!back.IsCompleted && !IsAborted)
        {
            // The peer has all that it will have; only the app's threads still hold the connection's memory.
            _ = End.AbandonAsync(Task.CompletedTask);
        }

        await back.ConfigureAwait(false);
    }
}
