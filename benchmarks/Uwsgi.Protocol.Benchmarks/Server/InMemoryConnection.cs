using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Uwsgi.Protocol.Benchmarks;

/// <summary>A connection over two pipes that is used again and again, so that what is counted is the server's.</summary>
internal sealed class InMemoryConnection : ConnectionContext, IDuplexPipe
{
    private static readonly PipeOptions Options =
        new(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false);

    private readonly Pipe _toServer = new(Options);
    private readonly Pipe _fromServer = new(Options);

    public override string ConnectionId { get; set; } = "benchmark";

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport
    {
        get => this;
        set => throw new NotSupportedException();
    }

    PipeReader IDuplexPipe.Input => _toServer.Reader;

    PipeWriter IDuplexPipe.Output => _fromServer.Writer;

    public PipeWriter ToServer => _toServer.Writer;

    public PipeReader FromServer => _fromServer.Reader;

    /// <summary>As new, for the next connection.</summary>
    public void Reset()
    {
        _toServer.Writer.Complete();
        _toServer.Reader.Complete();
        _fromServer.Writer.Complete();
        _fromServer.Reader.Complete();
        _toServer.Reset();
        _fromServer.Reset();
    }
}
