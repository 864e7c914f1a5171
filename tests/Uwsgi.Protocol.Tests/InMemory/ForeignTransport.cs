using System.IO.Pipelines;

namespace Uwsgi.Protocol.Tests.InMemory;

/// <summary>A connection's two pipes, whoever made them.</summary>
internal sealed class ForeignTransport(PipeReader input, PipeWriter output) : IDuplexPipe
{
    public PipeReader Input => input;

    public PipeWriter Output => output;
}
