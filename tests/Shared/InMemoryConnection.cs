using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Uwsgi.Protocol.Testing;

/// <summary>
/// A connection without a socket: the server's side is a <see cref="ConnectionContext"/>, the peer's side is this class's methods.
/// </summary>
public sealed class InMemoryConnection : DefaultConnectionContext, IConnectionLifetimeNotificationFeature, IConnectionMetricsTagsFeature
{
    private readonly Pipe _toServer;
    private readonly Pipe _toPeer;
    private readonly CountingPipeWriter _output;
    private readonly CancellationTokenSource _closed = new();
    private readonly CancellationTokenSource _closeRequested = new();
    private readonly TaskCompletionSource<ConnectionAbortedException> _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="id">The connection's id.</param>
    /// <param name="maxUnreadOutput">How many bytes the server may send that the peer has not read; 0 for any number.</param>
    /// <param name="isLockstep">Whether bytes count as sent only when the server has looked at them.</param>
    public InMemoryConnection(string id, int maxUnreadOutput = 0, bool isLockstep = false)
        : base(id)
    {
        var maxUnseenInput = isLockstep ? 1 : 0;
        _toServer = new Pipe(new PipeOptions(pauseWriterThreshold: maxUnseenInput, resumeWriterThreshold: maxUnseenInput, useSynchronizationContext: false));
        _toPeer = new Pipe(new PipeOptions(pauseWriterThreshold: maxUnreadOutput, resumeWriterThreshold: maxUnreadOutput / 2, useSynchronizationContext: false));
        _output = new CountingPipeWriter(_toPeer.Writer);
        Transport = new Duplex(_toServer.Reader, _output);
        ConnectionClosed = _closed.Token;
        Features.Set<IConnectionLifetimeNotificationFeature>(this);
        Features.Set<IConnectionMetricsTagsFeature>(this);
    }

    /// <summary>How many bytes each of the server's flushes brought: one is one system call.</summary>
    public IReadOnlyCollection<int> Flushes => _output.Flushes;

    /// <summary>Forgets the flushes so far.</summary>
    public void ClearFlushes() => _output.Clear();

    /// <summary>How many bytes the server has flushed so far.</summary>
    public int Flushed => _output.Flushes.Sum();

    /// <summary>How many bytes the server has written and not flushed: it keeps them for a peer that does not read.</summary>
    public int Unflushed => _output.Unflushed;

    /// <summary>Ends when the server aborts the connection.</summary>
    public Task<ConnectionAbortedException> Aborted => _aborted.Task;

    public bool IsAborted => _aborted.Task.IsCompleted;

    /// <summary>The server at work; ends with the connection.</summary>
    public Task Execution { get; private set; } = Task.CompletedTask;

    public CancellationToken ConnectionClosedRequested
    {
        get => _closeRequested.Token;
        set => throw new NotSupportedException();
    }

    public ICollection<KeyValuePair<string, object?>> Tags { get; } = [];

    /// <summary>Lets a server serve the connection, and closes it behind, as Kestrel does.</summary>
    public InMemoryConnection Run(Func<ConnectionContext, Task> server)
    {
        Execution = Task.Run(async () =>
        {
            try
            {
                await server(this).ConfigureAwait(false);
            }
            finally
            {
                await _toServer.Reader.CompleteAsync().ConfigureAwait(false);
                await _toPeer.Writer.CompleteAsync(IsAborted ? new ConnectionResetException("The server reset the connection.") : null).ConfigureAwait(false);
            }
        });
        return this;
    }

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => _ = await _toServer.Writer.WriteAsync(bytes).ConfigureAwait(false);

    /// <summary>FIN: the peer sends no more, but still listens.</summary>
    public void EndInput()
    {
        _toServer.Writer.Complete();
        _closed.Cancel();
    }

    /// <summary>RST: the peer is gone.</summary>
    public void Reset() => Fail(new ConnectionResetException("The peer reset the connection."), outputError: null);

    /// <summary>The transport fails: reads with one error, flushes with another, or with none where they just say that the peer is gone.</summary>
    public void Fail(Exception inputError, Exception? outputError)
    {
        _toServer.Writer.Complete(inputError);
        _toPeer.Reader.Complete(outputError);
        _closed.Cancel();
    }

    /// <summary>Everything up to the server's end.</summary>
    public async Task<Received> ReadToEndAsync()
    {
        var bytes = new MemoryStream();
        try
        {
            await _toPeer.Reader.CopyToAsync(bytes).Within().ConfigureAwait(false);
            return new Received(bytes.ToArray(), IsReset: false);
        }
        catch (ConnectionResetException)
        {
            return new Received(bytes.ToArray(), IsReset: true);
        }
    }

    /// <summary>The next bytes, at least so many.</summary>
    public async Task<byte[]> ReadAsync(int count)
    {
        var result = await _toPeer.Reader.ReadAtLeastAsync(count).AsTask().Within().ConfigureAwait(false);
        var bytes = System.Buffers.BuffersExtensions.ToArray(result.Buffer);
        _toPeer.Reader.AdvanceTo(result.Buffer.End);
        return bytes;
    }

    /// <summary>The server is stopping.</summary>
    public void RequestClose() => _closeRequested.Cancel();

    void IConnectionLifetimeNotificationFeature.RequestClose() => RequestClose();

    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (_aborted.TrySetResult(abortReason))
        {
            _toServer.Writer.Complete(abortReason);
            _closed.Cancel();
        }
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}
