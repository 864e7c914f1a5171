using System.Buffers;
using System.IO.Pipelines;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>
/// The response of one FastCGI request on its way into FCGI_STDOUT records. What is flushed leaves in records of a bounded size, and other
/// requests of the connection have their turn between them.
/// </summary>
internal sealed class FastCgiOutput(FastCgiConnection connection, FastCgiRequest request) : PipeWriter, IDirectOutput
{
    // Two to a window of 64 KB: large enough to be cheap, small enough to be fair.
    private const int MaxTurn = 32 * 1024;

    /// <summary>The content of a record that is sent from where it is: whole pages, and as much as a record takes of those.</summary>
    public const int MaxDirect = 60 * 1024;

    // Half of HAProxy's buffer (tune.bufsize).
    private const int MaxFirst = 8 * 1024;

    // Without a threshold the pipe never waits: what waits is the connection.
    private readonly Pipe _content = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
    private bool _isEnding;
    private bool _isCompleted;

    /// <summary>Whether anything of the response has left.</summary>
    public bool HasBegun { get; private set; }

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

    public async ValueTask<FlushResult> SendAsync(DirectContent content, CancellationToken cancellationToken)
    {
        var result = await FlushAsync(cancellationToken).ConfigureAwait(false);
        while (!content.IsEmpty && !result.IsCompleted)
        {
            var length = Math.Min(content.Length, MaxDirect);
            ValueTask<FlushResult> sending;
            lock (connection.Gate)
            {
                HasBegun = true;
                sending = connection.SendRecord(request, content.Slice(0, length), cancellationToken);
            }

            result = await sending.ConfigureAwait(false);
            content = content.Slice(length);
        }

        return result;
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

    /// <summary>
    /// The head leaves in one record, and not in a large one: HAProxy waits for the whole of a record that fits into its buffer, and does not
    /// survive half a head.
    /// </summary>
    private void WriteTurn(ReadOnlySequence<byte> turn)
    {
        if (!HasBegun && turn.Length > MaxFirst)
        {
            var head = new SequenceReader<byte>(turn);
            var first = head.TryReadTo(out ReadOnlySequence<byte> _, "\r\n\r\n"u8) ? turn.Slice(0, Math.Max(MaxFirst, head.Consumed)) : turn;
            FastCgiRecordWriter.WriteStream(connection.Output, FastCgiRecordType.Stdout, request.Id, first);
            turn = turn.Slice(first.End);
        }

        HasBegun = true;
        FastCgiRecordWriter.WriteStream(connection.Output, FastCgiRecordType.Stdout, request.Id, turn);
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
                var max = HasBegun ? MaxTurn : FastCgiRecordWriter.MaxContentLength;
                var turn = read.Buffer;
                isLast = turn.Length <= max;
                turn = isLast ? turn : turn.Slice(0, max);
                WriteTurn(turn);
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
