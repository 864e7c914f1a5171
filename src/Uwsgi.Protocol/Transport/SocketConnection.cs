using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Offload;

namespace Uwsgi.Protocol.Transport;

/// <summary>A connection of the direct transport: a descriptor, and what the server sees of it.</summary>
/// <remarks>
/// Used again only where nobody but the server has seen it: what an app keeps of it, and uses when it is over, is a closed connection and
/// never another client's. Every system call on the descriptor is made under the gate, for its number is another connection's as soon as it
/// is closed.
/// </remarks>
internal sealed partial class SocketConnection : ConnectionContext, IDuplexPipe, IDirectConnection
{
    // What nobody wants is received here, by whoever; nobody reads it.
    private static readonly byte[] Discarded = new byte[64 * 1024];

    private readonly SocketInput _input;
    private readonly SocketOutput _output;
    private readonly Epoll _epoll;
    private readonly ILogger _logger;
    private readonly CancellationToken _stopping;
    private int _descriptor = -1;
    private uint _interest;
    private bool _isInline;
    private bool _isDiscarding;

    // Whether the app may have something of it, and whether the server is sure to have nothing more to do with it.
    private bool _isSeen;
    private bool _isLeft;

    // That of the thread that sends files to it, and its number there.
    private Epoll? _offload;
    private uint _offloadSerial;

    // Met by a send: the system tells of a reset once, and the next receive would see an end in order.
    private int _resetError;
    private CancellationTokenSource? _closed;
    private IDuplexPipe? _transport;
    private EndPoint? _local;
    private EndPoint? _remote;
    private string? _id;
    private long _number;
    private IDictionary<object, object?>? _items;
    private List<KeyValuePair<string, object?>>? _tags;
    private Socket? _socket;

    /// <param name="poller">Who tells of it when it is waited for.</param>
    /// <param name="logger">Hears of what goes wrong.</param>
    /// <param name="stopping">Cancelled when the server stops: idle connections are to end.</param>
    public SocketConnection(Poller poller, ILogger logger, CancellationToken stopping)
    {
        _epoll = poller.Epoll;
        _logger = logger;
        _stopping = stopping;
        _input = new SocketInput(this);
        _output = new SocketOutput(this);
    }

    /// <summary>Under it the descriptor is used, and nothing that takes long is done.</summary>
    public Lock Gate { get; } = new();

    public bool IsUnix { get; private set; }

    public bool CanReset => !IsUnix;

    /// <summary>Whether the descriptor is still ours. Under the gate.</summary>
    public bool IsOpen => _descriptor >= 0;

    /// <summary>Whether the poller tells of it. Under the gate.</summary>
    public bool IsWatched => _interest != 0;

    /// <summary>Whether the peer has closed its side, as far as the poller has told. Under the gate.</summary>
    public bool IsPeerGone { get; private set; }

    /// <summary>Tells it from others that had its descriptor before.</summary>
    public uint Serial { get; private set; }

    public override string ConnectionId
    {
        get => _id ?? Interlocked.CompareExchange(ref _id, ConnectionIds.ToText(Number), null) ?? _id;
        set => _id = value;
    }

    public override IDuplexPipe Transport
    {
        get => _transport ?? this;
        set => _transport = value;
    }

    public PipeReader Input => _input;

    public PipeWriter Output => _output;

    public override IFeatureCollection Features => this;

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new ConnectionItems();
        set => _items = value;
    }

    public override EndPoint? LocalEndPoint
    {
        get => _local ??= Named(Libc.GetLocalName);
        set => _local = value;
    }

    public override EndPoint? RemoteEndPoint
    {
        get => _remote ??= Named(Libc.GetRemoteName);
        set => _remote = value;
    }

    /// <summary>Cancelled when the peer has closed its side. Asking for it is what makes the system watch for that.</summary>
    public override CancellationToken ConnectionClosed
    {
        get
        {
            lock (Gate)
            {
                _isSeen = true;
                if (IsPeerGone || !IsOpen)
                {
                    return new CancellationToken(canceled: true);
                }

                _closed ??= new CancellationTokenSource();
                if (!_isInline)
                {
                    Watch(Libc.Readable);
                }

                return _closed.Token;
            }
        }

        set => throw new NotSupportedException();
    }

    public CancellationToken ConnectionClosedRequested { get => _stopping; set => throw new NotSupportedException(); }

    private long Number
    {
        get
        {
            if (_number == 0)
            {
                Interlocked.CompareExchange(ref _number, ConnectionIds.Next(), 0);
            }

            return _number;
        }
    }

    public string CreateRequestId(int number) => _id is { } id ? $"{id}:{number:X8}" : ConnectionIds.ToText(Number, number);

    /// <summary>Begins with a connected socket, which is the connection's from here on.</summary>
    /// <param name="descriptor">The socket.</param>
    /// <param name="isUnix">Whether it is a unix socket.</param>
    /// <param name="opening">Waits for the first bytes, where those are expected at once.</param>
    public void Open(int descriptor, bool isUnix, BriefWait? opening = null)
    {
        _input.Open(opening);
        _isInline = true;
        _descriptor = descriptor;
        IsUnix = isUnix;
    }

    public void Leave() => _isLeft = true;

    /// <summary>Makes it as new, once it is over, where nobody else can have anything of it.</summary>
    public bool TryRenew()
    {
        if (!_isLeft || _isSeen || Serial != 0 || _closed is not null || _tags is not null || _items is not null || _set is not null
            || _transport is not null || _offload is not null || !_input.TryRenew() || !_output.TryRenew())
        {
            return false;
        }

        _isLeft = false;
        _resetError = 0;
        _local = _remote = null;
        _id = null;
        _number = 0;
        return true;
    }

    /// <summary>
    /// The app no longer runs, unhindered, on the thread that took the connection. Until then nobody is told that the peer is gone, and
    /// nothing is paid for it.
    /// </summary>
    public void LeaveInline()
    {
        lock (Gate)
        {
            _isInline = false;
            if (_closed is null || !IsOpen)
            {
                return;
            }

            try
            {
                Watch(Libc.Readable);
            }
            catch (IOException e)
            {
                // The app learns of the peer's end when it reads or writes.
                Log.NotWatched(_logger, ConnectionId, e);
            }
        }
    }

    /// <summary>What measurements of the connection are to say of it; empty and thrown away where nobody measures.</summary>
    public ICollection<KeyValuePair<string, object?>> Tags => _tags ?? [];

    /// <summary>Another descriptor of the connection's socket, for who wants to look at it; it is closed with the connection.</summary>
    public Socket Socket
    {
        get
        {
            lock (Gate)
            {
                ObjectDisposedException.ThrowIf(!IsOpen, this);
                _isSeen = true;
                return _socket ??= new Socket(new SafeSocketHandle(Libc.Duplicate(_descriptor), ownsHandle: true));
            }
        }
    }

    /// <summary>Somebody measures the connection.</summary>
    public void CollectTags() => _tags = [];

    public bool Schedule(IThreadPoolWorkItem work) => Worker.Schedule(work);

    public bool TryBeginEnd()
    {
        if (IsUnix)
        {
            return false;
        }

        _output.BeginEnd();
        return true;
    }

    public void HalfClose()
    {
        lock (Gate)
        {
            if (IsOpen)
            {
                Libc.ShutDownSend(_descriptor);
            }
        }
    }

    public void Discard()
    {
        lock (Gate)
        {
            if (!IsOpen)
            {
                return;
            }

            // Its poller and its timer may yet have to do with it: it is not used again.
            _isSeen = _isDiscarding = true;
            try
            {
                Watch(Libc.Readable);
            }
            catch (IOException e)
            {
                // It is closed when its peer's time is over.
                Log.NotWatched(_logger, ConnectionId, e);
            }
        }

        DiscardReceived();
    }

    public void Reset()
    {
        lock (Gate)
        {
            if (IsOpen)
            {
                Libc.ResetAtClose(_descriptor);
                Close();
            }
        }
    }

    public override void Abort(ConnectionAbortedException abortReason) => Reset();

    public override void Abort() => Reset();

    public void RequestClose()
    {
        // The server asks all of its connections at once.
    }

    /// <summary>The server is done with it.</summary>
    public override ValueTask DisposeAsync()
    {
        CancellationTokenSource? closed;
        lock (Gate)
        {
            (closed, _closed) = (_closed, null);
            if (IsOpen)
            {
                Close();
            }
        }

        if (closed is not null)
        {
            Cancel(closed);
        }

        _input.Release();
        _output.Release();
        return base.DisposeAsync();
    }

    /// <summary>Waits for something to receive.</summary>
    /// <returns>Whether there is.</returns>
    public bool Await(BriefWait wait) => wait.Wait(_descriptor);

    /// <summary>Receives; what was known of the socket before counts no more.</summary>
    public int Receive(Span<byte> room, ref bool isReadable)
    {
        lock (Gate)
        {
            isReadable = false;
            var count = IsOpen ? Libc.Receive(_descriptor, room) : -SocketFailure.Closed;
            return count == 0 ? -_resetError : count;
        }
    }

    /// <summary>Sends; what was known of the socket before counts no more.</summary>
    public int Send(ReadOnlySpan<byte> bytes, bool hasMore, ref bool isWritable)
    {
        lock (Gate)
        {
            isWritable = false;
            return OnSent(IsOpen ? Libc.Send(_descriptor, bytes, hasMore) : -SocketFailure.Closed);
        }
    }

    /// <summary>Sends two pieces of memory in one system call; what was known of the socket before counts no more.</summary>
    public int Send(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> more, ref bool isWritable)
    {
        lock (Gate)
        {
            isWritable = false;
            return OnSent(IsOpen ? Libc.Send(_descriptor, bytes, more) : -SocketFailure.Closed);
        }
    }

    /// <summary>Sends a piece of a file; what was known of the socket before counts no more.</summary>
    public int SendFile(SafeFileHandle file, long offset, int count, ref bool isWritable)
    {
        lock (Gate)
        {
            isWritable = false;
            return OnSent(IsOpen ? Libc.SendFile(_descriptor, file, offset, count) : -SocketFailure.Closed);
        }
    }

    /// <summary>Has the poller tell of something; called with the gate held.</summary>
    public void Watch(uint interest)
    {
        interest |= _interest | Libc.PeerClosed;
        if (interest == _interest)
        {
            return;
        }

        if (_interest == 0)
        {
            Serial = _epoll.Add(this, _descriptor, interest);
        }
        else
        {
            _epoll.Modify(_descriptor, interest, Serial);
        }

        _interest = interest;
    }

    /// <summary>Has the socket watched for room to send: by the thread that calls, where that is one that sends files, else by the poller. Called with the gate held.</summary>
    /// <returns>Who tells.</returns>
    public Epoll WatchWritable()
    {
        if (OffloadThread.Current is not { Epoll: var offload } || (_offload ?? offload) != offload)
        {
            Watch(Libc.Writable);
            return _epoll;
        }

        if (_offload is null)
        {
            _offloadSerial = offload.Add(this, _descriptor, Libc.Writable);
            _offload = offload;
        }

        return offload;
    }

    /// <summary>An epoll tells; who waits goes on on this thread.</summary>
    public void OnEvents(Epoll teller, uint serial, uint events)
    {
        bool isRead, isWrite, isDiscarding;
        lock (Gate)
        {
            if (serial != (teller == _epoll ? Serial : _offloadSerial) || !IsOpen)
            {
                return;
            }

            const uint Gone = Libc.PeerClosed | Libc.HangUp | Libc.Error;
            if ((events & Gone) != 0 && !IsPeerGone)
            {
                IsPeerGone = true;
                SignalClosed();
            }

            isRead = teller == _epoll && (events & (Gone | Libc.Readable)) != 0 && _input.TakeReadable();
            isDiscarding = _isDiscarding;
            isWrite = (events & (Libc.Writable | Libc.HangUp | Libc.Error)) != 0 && _output.TakeWritable(teller);
        }

        if (isRead)
        {
            _input.OnReadable();
        }

        if (isWrite)
        {
            _output.OnWritable();
        }

        if (isDiscarding)
        {
            DiscardReceived();
        }
    }

    // Without the gate in between, or nobody could end it while the peer sends and sends.
    private void DiscardReceived()
    {
        int count;
        do
        {
            lock (Gate)
            {
                count = IsOpen ? Libc.Receive(_descriptor, Discarded) : -Libc.TryAgain;
                if (count <= 0 && count != -Libc.TryAgain)
                {
                    Close();
                }
            }
        }
        while (count > 0);
    }

    /// <summary>How many bytes that were sent the peer has not taken yet.</summary>
    public int GetUntaken()
    {
        lock (Gate)
        {
            return IsOpen ? Libc.GetUntaken(_descriptor) : 0;
        }
    }

    private int OnSent(int count)
    {
        if (count is < 0 and not (-Libc.TryAgain or -Libc.InvalidArgument or -Libc.NotSupported) && CanReset)
        {
            _resetError = -count;
        }

        return count;
    }

    // The app's callbacks may take their time.
    private void SignalClosed()
    {
        if (_closed is { IsCancellationRequested: false } closed)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static state => state.Connection.Cancel(state.Closed), (Connection: this, Closed: closed), preferLocal: false);
        }
    }

    private void Cancel(CancellationTokenSource closed)
    {
        try
        {
            closed.Cancel();
        }
        catch (AggregateException e)
        {
            Log.CallbackFailed(_logger, ConnectionId, e);
        }
    }

    private void Close()
    {
        if (_interest != 0)
        {
            _epoll.Remove(_descriptor);
        }

        _offload?.Remove(_descriptor);
        _socket?.Dispose();
        Libc.Close(_descriptor);
        _descriptor = -1;
        _input.OnClosed();
        _output.OnClosed();
        SignalClosed();
    }

    private EndPoint? Named(Func<int, EndPoint?> name)
    {
        lock (Gate)
        {
            return IsOpen ? name(_descriptor) : null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(11, LogLevel.Error, "Connection id \"{ConnectionId}\": a callback of the app on the end of the connection failed.", EventName = nameof(CallbackFailed))]
        public static partial void CallbackFailed(ILogger logger, string connectionId, Exception exception);

        [LoggerMessage(12, LogLevel.Debug, "Connection id \"{ConnectionId}\" is not watched for its end.", EventName = nameof(NotWatched))]
        public static partial void NotWatched(ILogger logger, string connectionId, Exception exception);
    }
}
