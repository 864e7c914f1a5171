using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Uwsgi.Protocol.Testing;

/// <summary>A connection without a socket: two pipes, as the server has them of Kestrel's transport.</summary>
public sealed class InMemoryConnection : TestConnection, IConnectionMetricsTagsFeature
{
    private readonly Pipe _toServer;
    private readonly Pipe _toPeer;
    private readonly CancellationTokenSource _closed = new();

    /// <param name="id">The connection's id.</param>
    /// <param name="maxUnreadOutput">How many bytes the server may send that the peer has not read; 0 for any number.</param>
    /// <param name="isLockstep">Whether bytes count as sent only when the server has looked at them.</param>
    public InMemoryConnection(string id, int maxUnreadOutput = 0, bool isLockstep = false)
        : this(
            id,
            new Pipe(new PipeOptions(pauseWriterThreshold: isLockstep ? 1 : 0, resumeWriterThreshold: isLockstep ? 1 : 0, useSynchronizationContext: false)),
            new Pipe(new PipeOptions(pauseWriterThreshold: maxUnreadOutput, resumeWriterThreshold: maxUnreadOutput / 2, useSynchronizationContext: false)))
    {
    }

    private InMemoryConnection(string id, Pipe toServer, Pipe toPeer)
        : base(new DefaultConnectionContext(id), new PipePair(toServer.Reader, toPeer.Writer))
    {
        _toServer = toServer;
        _toPeer = toPeer;
        ConnectionClosed = _closed.Token;
        Features.Set<IConnectionMetricsTagsFeature>(this);
    }

    public override bool HasDirectOutput => false;

    public override ICollection<KeyValuePair<string, object?>> Tags { get; } = [];

    public override async Task SendAsync(ReadOnlyMemory<byte> bytes) => _ = await _toServer.Writer.WriteAsync(bytes).ConfigureAwait(false);

    public override void EndInput()
    {
        _toServer.Writer.Complete();
        _closed.Cancel();
    }

    public override void Reset() => Fail(new ConnectionResetException("The peer reset the connection."), outputError: null);

    public override void Fail(Exception inputError, Exception? outputError)
    {
        _toServer.Writer.Complete(inputError);
        _toPeer.Reader.Complete(outputError);
        _closed.Cancel();
    }

    public override Task<Received> ReadToEndAsync() => ReadToEndAsync(_toPeer.Reader);

    public override Task<byte[]> ReadAsync(int count) => ReadAsync(_toPeer.Reader, count);

    protected override Task ServeAsync(Func<ConnectionContext, Task> server) => Task.Run(async () =>
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

    protected override void OnAborted(ConnectionAbortedException reason)
    {
        _toServer.Writer.Complete(reason);
        _closed.Cancel();
    }
}
