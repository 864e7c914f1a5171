using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Harakiri;
using Uwsgi.Protocol.Http;
using Uwsgi.Protocol.Offload;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>One request of a FastCGI connection: its params and its body as they come in, its response on its way out.</summary>
internal sealed class FastCgiRequest : IExchange, IThreadPoolWorkItem
{
    // Whoever aborts the request first gives the reason; when it has been released, nobody does.
    private const int Released = -1;

    // As much as Kestrel buffers of a request's body.
    private const int MaxBuffered = 1024 * 1024;

    private static readonly PipeOptions StdinOptions = new(
        pauseWriterThreshold: MaxBuffered, resumeWriterThreshold: MaxBuffered / 2, useSynchronizationContext: false);

    private readonly FastCgiConnection _connection;
    private readonly FastCgiOutput _output;
    private readonly Lock _stdinGate = new();
    private HeldBytes _params;

    // Where there is a body, or somebody who wants to read one.
    private Pipe? _stdin;
    private Exception? _stdinError;
    private RequestContext? _context;
    private ResponseBody? _owner;
    private Task<FlushResult>? _room;
    private bool _hasAllStdin;
    private bool _isStdinOver;
    private bool _isUpgradable;
    private long? _announcedLength;
    private long _stdinLength;
    private int _abortReason;
    private volatile bool _hasEnded;
    private volatile bool _hasToldApp;

    public FastCgiRequest(FastCgiConnection connection, ushort id, int number, FastCgiBeginRequest begin)
    {
        _connection = connection;
        Id = id;
        Number = number;
        Role = begin.Role;
        KeepConnection = begin.KeepConnection;
        _output = new FastCgiOutput(connection, this);
    }

    public ushort Id { get; }

    public int Number { get; }

    public FastCgiRole Role { get; }

    public bool KeepConnection { get; }

    /// <summary>When its params must be complete.</summary>
    public long Deadline { get; init; }

    /// <summary>Whether it was handed to the app. Written under the connection's gate.</summary>
    public bool HasEntered { get; set; }

    /// <summary>Whether FCGI_END_REQUEST has been written: the front end may use the id again. Written under the connection's gate.</summary>
    public bool HasEnded
    {
        get => _hasEnded;
        set => _hasEnded = value;
    }

    /// <summary>Whether it has ended though the app is still at work on it. Under the connection's gate.</summary>
    public bool IsKilled { get; set; }

    /// <summary>Whether the front end has sent all of the body.</summary>
    public bool HasAllStdin => Volatile.Read(ref _hasAllStdin);

    public GatewayProtocol Protocol => GatewayProtocol.FastCgi;

    // What an authorizer says before its status, lighttpd does not hand on.
    public ResponseHeadStyle HeadStyle => Role == FastCgiRole.Authorizer ? ResponseHeadStyle.StatusHeaderFirst : ResponseHeadStyle.StatusHeader;

    public PipeReader Input
    {
        get
        {
            lock (_stdinGate)
            {
                return Stdin.Reader;
            }
        }
    }

    public PipeWriter Output => _output;

    public IDirectOutput? DirectOutput => _connection.Output is IDirectOutput ? _output : null;

    /// <summary>The rest of its response on its way, and how that has ended; null where the app has written all.</summary>
    public Task<EndReason>? Offloaded { get; private set; }

    /// <summary>Whether anything of the response has left.</summary>
    public bool HasBegunResponse => _output.HasBegun;

    public bool CanUpgrade => Role == FastCgiRole.Responder;

    /// <summary>Takes content of FCGI_PARAMS.</summary>
    /// <exception cref="WireFormatException">The params are too large.</exception>
    public void OnParams(in ReadOnlySequence<byte> content, int maxSize)
    {
        if (_params.Length + content.Length > maxSize)
        {
            throw new WireFormatException(WireError.PacketTooLarge, $"The params are larger than the {maxSize} bytes allowed.");
        }

        foreach (var memory in content)
        {
            _params.Write(memory.Span);
        }
    }

    /// <summary>The params are complete: makes the request of them.</summary>
    /// <exception cref="WireFormatException">They do not make one.</exception>
    public void Begin(RequestContext context, ConnectionContext connection, int maxCount)
    {
        context.Variables.LoadFastCgi(new ReadOnlySequence<byte>(_params.WrittenMemory), maxCount);
        _params.Drop();
        if (Role == FastCgiRole.Authorizer)
        {
            // It has no stream of a body, and so no end of one either. Section 6.3.
            EndStdin(isWhole: true);
        }

        context.Begin(connection, this, modifier1: 0, modifier2: 0);

        // What nobody can read is not kept; behind an upgrade, FCGI_STDIN is the client's side of the connection.
        _isUpgradable = context.CanUpgrade;
        _announcedLength = _isUpgradable ? null : context.Body is null ? 0 : context.AnnouncedLength;
        if (_stdinLength > _announcedLength && context.Body is not null)
        {
            throw new WireFormatException(
                WireError.ConflictingContentLength, $"The request body is longer than the {_announcedLength} bytes that CONTENT_LENGTH announced.");
        }

        (_context, _owner) = (context, context.ResponseBody);
    }

    /// <summary>Runs it, which has begun, through the app.</summary>
    void IThreadPoolWorkItem.Execute() => _ = _connection.RunAsync(this, _context!);

    /// <summary>Takes content of FCGI_STDIN, or its end.</summary>
    /// <returns>Whether there is room for more; without, <see cref="WaitForRoomAsync"/> comes before the connection is read again.</returns>
    public bool OnStdin(in ReadOnlySequence<byte> content)
    {
        lock (_stdinGate)
        {
            return TakeStdin(content);
        }
    }

    /// <summary>
    /// The protocol has no way to hold one request back: at the bound, the connection is not read until this one's body is, or it ends.
    /// </summary>
    public Task WaitForRoomAsync() => _room ?? Task.CompletedTask;

    /// <summary>The front end sends no more: of an upgrade that is the client's end, which lighttpd passes on as it came, without that of the stream.</summary>
    public void OnPeerClosed()
    {
        if (_isUpgradable)
        {
            EndStdin(isWhole: true);
        }
    }

    /// <summary>No more of the body comes: the connection ends, or the front end uses the id for another request.</summary>
    public void OnConnectionEnd() => EndStdin(
        isWhole: false, new ConnectionResetException("The connection ended in the middle of the request's body."));

    /// <summary>FCGI_ABORT_REQUEST: the front end does not want the answer any more.</summary>
    public void OnAbortRequest()
    {
        EndStdin(isWhole: true, new ConnectionResetException("The front end has aborted the request."));
        Abort(EndReason.PeerGone);
    }

    /// <summary>Ends the request on the wire, with whatever of its response has left.</summary>
    public void Abort(EndReason reason)
    {
        if (Interlocked.CompareExchange(ref _abortReason, (int)reason, 0) == 0)
        {
            _context?.OnAborted(_owner);
            _hasToldApp = true;
            if (reason is not EndReason.PeerGone)
            {
                _connection.AbortRequest(this, reason);
            }
        }
    }

    public bool IsAborted => Volatile.Read(ref _abortReason) > 0;

    public void OnPeerGone() => Abort(EndReason.PeerGone);

    public void AbortConnection(EndReason reason)
    {
        Abort(reason);
        _connection.Abort(reason);
    }

    public void Offload(FileBody file, OffloadRuntime offload, Task earlier) => Offloaded = OffloadAsync(_connection.SendAsync(offload, file, this, earlier));

    public void OnKilled(KillOutcome outcome, Task sent)
    {
        lock (_stdinGate)
        {
            // The connection may be waiting for the app to make room for more of a body that nobody will read.
            _stdin?.Writer.CancelPendingFlush();
            OnConnectionEnd();
        }

        if (outcome is KillOutcome.Cut)
        {
            Abort(EndReason.Harakiri);
        }

        _ = _connection.OnKilledAsync(this, sent);
    }

    /// <summary>Nothing is in the way of the response: the connection is read all the time.</summary>
    public Task DrainAsync(RequestBody body) => Task.CompletedTask;

    public void OnResponseEnding()
    {
        _output.End();
        _connection.OnResponseEnding(this);
    }

    public void OnResponseCompleted(bool isAppAtWork)
    {
        if (Offloaded is not { IsCompleted: false })
        {
            _connection.OnResponseCompleted(this, isAppAtWork);
        }
    }

    /// <summary>The app is done with the request, and something else sends what is left of its response.</summary>
    public void LeaveApp()
    {
        _context = null;
        Interlocked.MemoryBarrier();
        if (IsAborted)
        {
            // Who aborts it may still have its context in hand, which is the next request's soon.
            SpinWait.SpinUntil(() => _hasToldApp);
        }

        lock (_stdinGate)
        {
            // Both sides, or its memory would not go back to where others get theirs.
            EndStdin(isWhole: false);
            _stdin?.Reader.Complete();
        }
    }

    /// <summary>The app is done with the request, or never hears of it; nothing of it may reach the next one.</summary>
    /// <returns>Why it ended, where it was not in order.</returns>
    public EndReason Release(EndReason reason)
    {
        var aborted = Interlocked.CompareExchange(ref _abortReason, Released, 0);
        LeaveApp();
        _params.Drop();
        _output.Complete();
        return aborted > 0 ? (EndReason)aborted : reason;
    }

    // Called with the gate held.
    private Pipe Stdin
    {
        get
        {
            if (_stdin is null)
            {
                _stdin = new Pipe(StdinOptions);
                if (_isStdinOver)
                {
                    _stdin.Writer.Complete(_stdinError);
                }
            }

            return _stdin;
        }
    }

    private async Task<EndReason> OffloadAsync(Task<EndReason> sending)
    {
        var reason = await sending.ConfigureAwait(false);
        if (reason is EndReason.Completed)
        {
            _connection.OnResponseCompleted(this, isAppAtWork: true);
        }

        return reason;
    }

    private bool TakeStdin(in ReadOnlySequence<byte> content)
    {
        if (content.IsEmpty)
        {
            EndStdin(isWhole: true);
        }

        if (_isStdinOver)
        {
            return true;
        }

        _stdinLength += content.Length;
        if (_stdinLength > _announcedLength)
        {
            EndStdin(isWhole: false, new BadHttpRequestException(
                $"The request body is longer than the {_announcedLength} bytes that CONTENT_LENGTH announced.", StatusCodes.Status400BadRequest));
            return true;
        }

        foreach (var memory in content)
        {
            Stdin.Writer.Write(memory.Span);
        }

        var room = Stdin.Writer.FlushAsync();
        if (room.IsCompletedSuccessfully)
        {
            return true;
        }

        _room = room.AsTask();
        return false;
    }

    private void EndStdin(bool isWhole, Exception? error = null)
    {
        if (isWhole)
        {
            Volatile.Write(ref _hasAllStdin, true);
        }

        lock (_stdinGate)
        {
            if (!_isStdinOver)
            {
                _isStdinOver = true;
                _stdinError = error;
                _stdin?.Writer.Complete(error);
            }
        }
    }
}
