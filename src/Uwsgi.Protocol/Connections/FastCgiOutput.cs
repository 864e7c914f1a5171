using System.IO.Pipelines;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>
/// The response of one FastCGI request on its way into FCGI_STDOUT records. What is flushed leaves in records of a bounded size, and other
/// requests of the connection have their turn between them.
/// </summary>
internal sealed class FastCgiOutput(FastCgiConnection connection, ushort requestId) : PipeWriter
{
    // Two to a window of 64 KB: large enough to be cheap, small enough to be fair.
    private const int MaxTurn = 32 * 1024;

    // Without a threshold the pipe never waits: what waits is the connection.
    private readonly Pipe _content = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
    private bool _isEnding;
    private bool _isEnded;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _content.Writer.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _content.Writer.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _content.Writer.GetSpan(sizeHint);

    public override void Advance(int bytes) => _content.Writer.Advance(bytes);

    /// <summary>The next flush is the last: the end of the stream and of the request go out with its last bytes.</summary>
    public void End() => _isEnding = true;

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        _ = await _content.Writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var flush = TakeTurn(out var isLast, cancellationToken);
            var result = await flush.ConfigureAwait(false);
            if (isLast || result.IsCompleted)
            {
                return result;
            }
        }
    }

    public override void CancelPendingFlush()
    {
    }

    public override void Complete(Exception? exception = null)
    {
        _content.Writer.Complete(exception);
        _content.Reader.Complete(exception);
    }

    private ValueTask<FlushResult> TakeTurn(out bool isLast, CancellationToken cancellationToken)
    {
        lock (connection.Gate)
        {
            var output = connection.Output;
            isLast = true;
            if (_content.Reader.TryRead(out var read))
            {
                var turn = read.Buffer;
                isLast = turn.Length <= MaxTurn;
                turn = isLast ? turn : turn.Slice(0, MaxTurn);
                foreach (var memory in turn)
                {
                    FastCgiRecordWriter.WriteStream(output, FastCgiRecordType.Stdout, requestId, memory.Span);
                }

                _content.Reader.AdvanceTo(turn.End);
            }

            if (isLast && _isEnding && !_isEnded)
            {
                _isEnded = true;
                FastCgiRecordWriter.WriteStreamEnd(output, FastCgiRecordType.Stdout, requestId);
                FastCgiRecordWriter.WriteEndRequest(output, requestId, new FastCgiEndRequest(0, FastCgiProtocolStatus.RequestComplete));
            }

            return connection.Flush(cancellationToken);
        }
    }
}
