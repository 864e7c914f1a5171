using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Uwsgi.Protocol.Testing;

/// <summary>
/// A connection between a server and a test: the server's side is a <see cref="ConnectionContext"/>, whichever transport that is of, and the
/// peer's side is this class's methods.
/// </summary>
public abstract class TestConnection : ConnectionContext, IConnectionLifetimeNotificationFeature
{
    private readonly ConnectionContext _server;
    private readonly CountingPipeWriter _output;
    private readonly CancellationTokenSource _closeRequested = new();
    private readonly TaskCompletionSource<ConnectionAbortedException> _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="server">The server's side.</param>
    /// <param name="transport">What the server reads and writes.</param>
    protected TestConnection(ConnectionContext server, IDuplexPipe transport)
        : this(server, transport, new CountingPipeWriter(transport.Output))
    {
    }

    /// <param name="server">The server's side.</param>
    /// <param name="transport">What the server reads.</param>
    /// <param name="output">What it writes.</param>
    protected TestConnection(ConnectionContext server, IDuplexPipe transport, CountingPipeWriter output)
    {
        _server = server;
        _output = output;
        server.Transport = new PipePair(transport.Input, _output);
        server.Features.Set<IConnectionLifetimeNotificationFeature>(this);
    }

    public override string ConnectionId { get => _server.ConnectionId; set => _server.ConnectionId = value; }

    public override IFeatureCollection Features => _server.Features;

    public override IDictionary<object, object?> Items { get => _server.Items; set => _server.Items = value; }

    public override IDuplexPipe Transport { get => _server.Transport; set => _server.Transport = value; }

    public override EndPoint? LocalEndPoint { get => _server.LocalEndPoint; set => _server.LocalEndPoint = value; }

    public override EndPoint? RemoteEndPoint { get => _server.RemoteEndPoint; set => _server.RemoteEndPoint = value; }

    public override CancellationToken ConnectionClosed { get => _server.ConnectionClosed; set => _server.ConnectionClosed = value; }

    public CancellationToken ConnectionClosedRequested { get => _closeRequested.Token; set => throw new NotSupportedException(); }

    /// <summary>Whether what the server has flushed has been sent.</summary>
    public abstract bool HasDirectOutput { get; }

    /// <summary>What measurements say of the connection.</summary>
    public abstract ICollection<KeyValuePair<string, object?>> Tags { get; }

    /// <summary>Whether the server has looked at all that was sent, and waits for more.</summary>
    public virtual bool IsLookedAt => true;

    /// <summary>How many bytes each of the server's flushes brought: one is one system call.</summary>
    public IReadOnlyCollection<int> Flushes => _output.Flushes;

    /// <summary>Forgets the flushes so far.</summary>
    public void ClearFlushes() => _output.Clear();

    /// <summary>How many bytes the server has flushed so far.</summary>
    public int Flushed => _output.Flushes.Sum();

    /// <summary>How many bytes the peer has taken, as the server sees it; a measure of what goes on, and no exact one.</summary>
    public virtual long Taken => Flushed;

    /// <summary>How many bytes the server has written and not flushed: it keeps them for a peer that does not read.</summary>
    public int Unflushed => _output.Unflushed;

    /// <summary>Whether the server has something to send that the peer does not take.</summary>
    public bool IsBehind => _output.IsWaiting || _output.Unflushed > 0;

    /// <summary>Ends when the server aborts the connection.</summary>
    public Task<ConnectionAbortedException> Aborted => _aborted.Task;

    public bool IsAborted => _aborted.Task.IsCompleted;

    /// <summary>The server at work; ends with the connection.</summary>
    public Task Execution { get; private set; } = Task.CompletedTask;

    /// <summary>Lets a server serve the connection, and closes it behind.</summary>
    public TestConnection Run(Func<ConnectionContext, Task> server)
    {
        Execution = ServeAsync(server);
        return this;
    }

    /// <summary>Sends; a server that is gone takes nothing, and that is no error.</summary>
    public abstract Task SendAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>FIN: the peer sends no more, but still listens.</summary>
    public abstract void EndInput();

    /// <summary>RST, where there is one: the peer is gone.</summary>
    public abstract void Reset();

    /// <summary>The transport fails: reads with one error, flushes with another, or with none where they just say that the peer is gone.</summary>
    public abstract void Fail(Exception inputError, Exception? outputError);

    /// <summary>Everything up to the server's end.</summary>
    public abstract Task<Received> ReadToEndAsync();

    /// <summary>The next bytes, at least so many.</summary>
    public abstract Task<byte[]> ReadAsync(int count);

    /// <summary>The server is stopping.</summary>
    public void RequestClose() => _closeRequested.Cancel();

    public override void Abort(ConnectionAbortedException abortReason)
    {
        if (_aborted.TrySetResult(abortReason))
        {
            OnAborted(abortReason);
        }
    }

    /// <summary>Serves the connection on a thread that is not the caller's.</summary>
    protected abstract Task ServeAsync(Func<ConnectionContext, Task> server);

    /// <summary>The server ends both sides at once.</summary>
    protected abstract void OnAborted(ConnectionAbortedException reason);

    /// <inheritdoc cref="ReadToEndAsync()"/>
    protected static async Task<Received> ReadToEndAsync(PipeReader input)
    {
        var bytes = new MemoryStream();
        try
        {
            await input.CopyToAsync(bytes).Within().ConfigureAwait(false);
            return new Received(bytes.ToArray(), IsReset: false);
        }
        catch (ConnectionResetException)
        {
            return new Received(bytes.ToArray(), IsReset: true);
        }
    }

    /// <inheritdoc cref="ReadAsync(int)"/>
    protected static async Task<byte[]> ReadAsync(PipeReader input, int count)
    {
        var result = await input.ReadAtLeastAsync(count).AsTask().Within().ConfigureAwait(false);
        var bytes = System.Buffers.BuffersExtensions.ToArray(result.Buffer);
        input.AdvanceTo(result.Buffer.End);
        return bytes;
    }
}
