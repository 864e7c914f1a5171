using System.IO.Pipelines;

namespace Uwsgi.Protocol.Testing;

/// <summary>A connection's two pipes, whoever made them.</summary>
public sealed class PipePair(PipeReader input, PipeWriter output) : IDuplexPipe
{
    public PipeReader Input => input;

    public PipeWriter Output => output;
}
