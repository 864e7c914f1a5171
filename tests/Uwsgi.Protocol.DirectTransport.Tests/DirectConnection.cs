using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Transport;

namespace Uwsgi.Protocol.Tests.DirectTransport;

/// <summary>A connection over real sockets: the server's side is the direct transport's, on its own threads.</summary>
internal sealed class DirectConnection : TestConnection, IDirectConnection
{
    private static readonly Poller Poller = new();
    private static readonly WorkStation Work = new();
    private static readonly Crew Crew = new(static e => Environment.FailFast("A thread of the crew has failed.", e));

    private readonly SocketConnection _server;
    private readonly Socket _peer;
    private readonly Pipe _received;

    // What the socket takes at once is with the server when SendAsync returns.
    private readonly Pipe _sent = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false));
    private readonly bool _isLockstep;

    static DirectConnection() => Crew.Start([Work, Poller]);

    /// <param name="id">The connection's id.</param>
    /// <param name="sockets">Its sockets, which are its own from here on.</param>
    /// <param name="maxUnreadOutput">About how many bytes the server may send that the peer has not read; 0 for any number.</param>
    /// <param name="isLockstep">Whether bytes count as sent only when the server has received them.</param>
    public DirectConnection(string id, SocketPair sockets, int maxUnreadOutput, bool isLockstep)
        : this(id, Take(sockets.Server), sockets.Peer, maxUnreadOutput, isLockstep)
    {
    }

    private DirectConnection(string id, SocketConnection server, Socket peer, int maxUnreadOutput, bool isLockstep)
        : base(server, server, new DirectCountingPipeWriter((SocketOutput)server.Output))
    {
        _server = server;
        _server.ConnectionId = id;
        _server.CollectTags();
        _peer = peer;
        _isLockstep = isLockstep;
        _received = new Pipe(new PipeOptions(pauseWriterThreshold: maxUnreadOutput, resumeWriterThreshold: maxUnreadOutput / 2, useSynchronizationContext: false));
        _ = ReceiveAsync();
        _ = SendOnAsync();
    }

    public override bool HasDirectOutput => true;

    // In this order: what is received between the two is looked at before it waits again.
    public override bool IsLookedAt => HasReceivedAll() && ((SocketInput)_server.Input).IsAwaited;

    public override long Taken => ((SocketOutput)_server.Output).Taken ?? 0;

    public bool CanReset => _server.CanReset;

    public override ICollection<KeyValuePair<string, object?>> Tags => _server.Tags;

    public bool TryBeginEnd() => _server.TryBeginEnd();

    public void HalfClose() => _server.HalfClose();

    public void Leave() => _server.Leave();

    public string CreateRequestId(int number) => _server.CreateRequestId(number);

    public bool Schedule(IThreadPoolWorkItem work) => _server.Schedule(work);

    public void Discard() => _server.Discard();

    void IDirectConnection.Reset() => Abort();

    public override async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        _ = await _sent.Writer.WriteAsync(bytes).ConfigureAwait(false);
        if (_isLockstep)
        {
            await Eventually.TrueAsync(() => HasReceivedAll()).ConfigureAwait(false);
        }
    }

    public override void EndInput() => _sent.Writer.Complete();

    public override void Reset() => _peer.Close(0);

    public override void Fail(Exception inputError, Exception? outputError) => throw new NotSupportedException("A socket fails by itself.");

    public override Task<Received> ReadToEndAsync() => ReadToEndAsync(_received.Reader);

    public override Task<byte[]> ReadAsync(int count) => ReadAsync(_received.Reader, count);

    public override async ValueTask DisposeAsync()
    {
        _peer.Dispose();
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override Task ServeAsync(Func<ConnectionContext, Task> server)
    {
        var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.Add(worker =>
        {
            // As SocketServer does with what it accepts.
            worker.Serving = _server;
            var running = RunAsync(server, end);
            if (!running.IsCompleted)
            {
                _server.LeaveInline();
            }

            worker.Serving = null;
        });
        return end.Task;
    }

    protected override void OnAborted(ConnectionAbortedException reason) => _server.Abort(reason);

    private static SocketConnection Take(Socket socket)
    {
        var isUnix = socket.AddressFamily == AddressFamily.Unix;
        if (!isUnix)
        {
            socket.NoDelay = true;
        }

        // As what the server accepts.
        Libc.SetNonBlocking(socket.SafeHandle);
        var descriptor = (int)socket.Handle;
        socket.SafeHandle.SetHandleAsInvalid();
        var connection = new SocketConnection(Poller, NullLogger.Instance, CancellationToken.None);
        connection.Open(descriptor, isUnix);
        return connection;
    }

    private async Task RunAsync(Func<ConnectionContext, Task> server, TaskCompletionSource end)
    {
        try
        {
            await server(this).ConfigureAwait(false);
            await _server.DisposeAsync().ConfigureAwait(false);
            end.SetResult();
        }
        catch (Exception e)
        {
            await _server.DisposeAsync().ConfigureAwait(false);
            end.SetException(e);
        }
    }

    private bool HasReceivedAll()
    {
        try
        {
            return _server.Socket.Available == 0;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    /// <summary>The peer sends what the test gave it, however slowly the server takes that.</summary>
    private async Task SendOnAsync()
    {
        try
        {
            ReadResult result;
            do
            {
                result = await _sent.Reader.ReadAsync().ConfigureAwait(false);
                foreach (var segment in result.Buffer)
                {
                    for (var rest = segment; !rest.IsEmpty;)
                    {
                        rest = rest[await _peer.SendAsync(rest).ConfigureAwait(false)..];
                    }
                }

                _sent.Reader.AdvanceTo(result.Buffer.End);
            }
            while (!result.IsCompleted);

            _peer.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One of the two is gone.
        }

        await _sent.Reader.CompleteAsync().ConfigureAwait(false);
    }

    /// <summary>The peer receives what the server sends, as far as the test lets it.</summary>
    private async Task ReceiveAsync()
    {
        Exception? end = null;
        try
        {
            while (true)
            {
                var count = await _peer.ReceiveAsync(_received.Writer.GetMemory()).ConfigureAwait(false);
                _received.Writer.Advance(count);
                if (count == 0)
                {
                    break;
                }

                await _received.Writer.FlushAsync().ConfigureAwait(false);
            }

            // A unix socket has no reset: what the server did says it.
            end = !CanReset && IsAborted ? new ConnectionResetException("The server has reset the connection.") : null;
        }
        catch (SocketException e)
        {
            end = new ConnectionResetException("The server has reset the connection.", e);
        }
        catch (ObjectDisposedException)
        {
            // The peer is gone.
        }

        await _received.Writer.CompleteAsync(end).ConfigureAwait(false);
    }
}
