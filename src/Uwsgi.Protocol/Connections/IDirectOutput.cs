using System.IO.Pipelines;

namespace Uwsgi.Protocol.Connections;

/// <summary>An output with a socket behind it, which needs no copy of what is large.</summary>
internal interface IDirectOutput
{
    /// <summary>Flushes what was written, and sends the content behind it, which is the caller's again when the flush has completed.</summary>
    /// <exception cref="IOException">The content is of a file that cannot be read, or has become shorter: the connection is aborted.</exception>
    ValueTask<FlushResult> SendAsync(DirectContent content, CancellationToken cancellationToken);
}
