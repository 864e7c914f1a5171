using System.IO.Pipelines;

namespace Uwsgi.Protocol.Connections;

/// <summary>A connection whose output runs ahead of its socket.</summary>
internal sealed class WriteBehindTransport(IDuplexPipe transport) : IDuplexPipe
{
    public PipeReader Input => transport.Input;

    public PipeWriter Output { get; } = new WriteBehindPipeWriter(transport.Output);
}
