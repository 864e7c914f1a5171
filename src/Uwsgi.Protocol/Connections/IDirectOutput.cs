using System.IO.Pipelines;

namespace Uwsgi.Protocol.Connections;

/// <summary>An output with a socket behind it, which needs no copy of what is large.</summary>
internal interface IDirectOutput
{
    /// <summary>
    /// How many bytes the peer has taken of the connection, as far as the system knows: it grows as long as somebody reads. Null at a moment when that
    /// cannot be told, because some are just being sent.
    /// </summary>
    long? Taken { get; }

    /// <summary>Flushes what was written, and sends the content behind it, which is the caller's again when the flush has completed.</summary>
    /// <exception cref="IOException">The content is of a file that cannot be read, or has become shorter: the connection is aborted.</exception>
    ValueTask<FlushResult> SendAsync(DirectContent content, CancellationToken cancellationToken);
}
