using System.IO.Pipelines;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>
/// The response of one FastCGI request on its way into FCGI_STDOUT records. What is flushed leaves in records of a bounded size, and other
/// requests of the connection have their turn between them.
/// </summary>
internal sealed class FastCgiOutput(FastCgiConnection connection, FastCgiRequest request) : PipeWriter
{
    // Two to a window of 64 KB: large enough to be cheap, small enough to be fair.
    private const int MaxTurn = 32 * 1024;

    // Without a threshold the pipe never waits: what waits is the connection.
    private readonly Pipe _content = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
    private bool _hasBegun;
    private bool _isEnding;
    private bool _isCompleted;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _content.Writer.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0) => _content.Writer.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _content.Writer.GetSpan(sizeHint);

    public override void Advance(int bytes) => _content.Writer.Advance(bytes);

    /// <summary>The next flush is the last: the end of the stream and of the request go out with its last bytes.</summary>
    public void End() => _isEnding = true;

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        // A flush that began before the end was known does not bring it, though it may take its turns after: more content is on its way.
        var isEnding = _isEnding;
        _ = await _content.Writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var flush = TakeTurn(isEnding, out var isLast, cancellationToken);
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
        // Nobody may be writing from the content while its memory goes back to where others get theirs.
        lock (connection.Gate)
        {
            _isCompleted = true;
            _content.Writer.Complete(exception);
            _content.Reader.Complete(exception);
        }
    }

    private ValueTask<FlushResult> TakeTurn(bool isEnding, out bool isLast, CancellationToken cancellationToken)
    {
        lock (connection.Gate)
        {
            isLast = true;
            if (_isCompleted || request.HasEnded)
            {
                // What is flushed behind the end goes nowhere.
                return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: true));
            }

            if (_content.Reader.TryRead(out var read))
            {
                // The head leaves in one record: HAProxy does not survive one that comes in two.
                var max = _hasBegun ? MaxTurn : FastCgiRecordWriter.MaxContentLength;
                _hasBegun = true;
                var turn = read.Buffer;
                isLast = turn.Length <= max;
                turn = isLast ? turn : turn.Slice(0, max);
                FastCgiRecordWriter.WriteStream(connection.Output, FastCgiRecordType.Stdout, request.Id, turn);
                _content.Reader.AdvanceTo(turn.End);
            }

            if (isLast && isEnding)
            {
                FastCgiRecordWriter.WriteStreamEnd(connection.Output, FastCgiRecordType.Stdout, request.Id);
                connection.WriteEnd(request, FastCgiProtocolStatus.RequestComplete);
            }

            return connection.Flush(cancellationToken);
        }
    }
}
