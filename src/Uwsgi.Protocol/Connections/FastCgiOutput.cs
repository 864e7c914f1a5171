using System.IO.Pipelines;
using Uwsgi.Protocol.Http;
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

    private static ReadOnlySpan<byte> EndOfHead => "\r\n\r\n"u8;

    // Under the connection's gate, as all that is here.
    private HeldBytes _content;
    private int _taken;
    private long _sent;
    private bool _isEnding;
    private bool _isCompleted;

    /// <summary>Whether anything of the response has left.</summary>
    public bool HasBegun { get; private set; }

    public long? Taken => ((IDirectOutput)connection.Output).Taken;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes
    {
        get
        {
            lock (connection.Gate)
            {
                return _content.Length - _taken;
            }
        }
    }

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        lock (connection.Gate)
        {
            if (_taken == _content.Length)
            {
                _content.Clear();
                _taken = 0;
            }

            return _content.Lend(sizeHint);
        }
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        lock (connection.Gate)
        {
            if (!_isCompleted)
            {
                _content.Advance(bytes);
            }
        }
    }

    /// <summary>The next flush is the last: the end of the stream and of the request go out with its last bytes.</summary>
    public void End() => _isEnding = true;

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => SendAsync(default, cancellationToken);

    public ValueTask<FlushResult> SendAsync(DirectContent content, CancellationToken cancellationToken)
    {
        // A flush that began before the end was known does not bring it, though it may take its turns after: more content is on its way.
        var isEnding = _isEnding;
        long? before = null;
        while (true)
        {
            lock (connection.Gate)
            {
                before ??= content.IsEmpty ? long.MaxValue : _sent + _content.Length - _taken;
                var turn = TakeTurn(before.Value, ref content, isEnding, out var isLast, cancellationToken);
                if (isLast)
                {
                    return turn;
                }

                var sending = turn.AsTask();
                if (!sending.IsCompletedSuccessfully || connection.Turns.AreAwaited)
                {
                    sending = connection.Turns.LineUp(new FastCgiSender(this, before.Value, content, isEnding, cancellationToken), sending);
                }
                else if (!sending.Result.IsCompleted)
                {
                    continue;
                }

                return new ValueTask<FlushResult>(sending);
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
            _content.Drop();
            _taken = 0;
        }
    }

    /// <summary>Writes as much as a turn takes, and flushes it; called with the gate held.</summary>
    /// <param name="before">How much of all that is written goes out before the content.</param>
    /// <param name="content">What goes out from where it is; what is left of it.</param>
    /// <param name="isEnding">Whether the last turn is the response's end.</param>
    /// <param name="isLast">Whether nothing is left.</param>
    /// <param name="cancellationToken">Cancels the flush.</param>
    public ValueTask<FlushResult> TakeTurn(long before, ref DirectContent content, bool isEnding, out bool isLast, CancellationToken cancellationToken)
    {
        isLast = true;
        if (_isCompleted || request.HasEnded)
        {
            // What is flushed behind the end goes nowhere.
            return new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: true));
        }

        var turn = _content.Written[_taken..];
        turn = turn[..(int)Math.Min(turn.Length, before - _sent)];
        if (turn.IsEmpty && !content.IsEmpty)
        {
            var direct = content.Slice(0, Math.Min(content.Length, MaxDirect));
            content = content.Slice(direct.Length);
            isLast = content.IsEmpty;
            HasBegun = true;
            return connection.SendRecord(request, direct, cancellationToken);
        }

        if (!turn.IsEmpty)
        {
            var max = HasBegun ? MaxTurn : FastCgiRecordWriter.MaxContentLength;
            var length = Math.Min(turn.Length, max);
            WriteTurn(turn[..length]);
            _taken += length;
            _sent += length;
            isLast = length == turn.Length && content.IsEmpty;
            if (_taken == _content.Length && !_content.IsLent)
            {
                _content.Drop();
                _taken = 0;
            }
        }

        if (isLast && isEnding)
        {
            FastCgiRecordWriter.WriteStreamEnd(connection.Output, FastCgiRecordType.Stdout, request.Id);
            connection.WriteEnd(request, FastCgiProtocolStatus.RequestComplete);
        }

        return connection.Flush(cancellationToken);
    }

    /// <summary>
    /// The head leaves in one record, and not in a large one: HAProxy waits for the whole of a record that fits into its buffer, and does not
    /// survive half a head.
    /// </summary>
    private void WriteTurn(ReadOnlySpan<byte> turn)
    {
        if (!HasBegun && turn.Length > MaxFirst)
        {
            var head = turn.IndexOf(EndOfHead);
            var first = head < 0 ? turn.Length : Math.Max(MaxFirst, head + EndOfHead.Length);
            FastCgiRecordWriter.WriteStream(connection.Output, FastCgiRecordType.Stdout, request.Id, turn[..first]);
            turn = turn[first..];
        }

        HasBegun = true;
        FastCgiRecordWriter.WriteStream(connection.Output, FastCgiRecordType.Stdout, request.Id, turn);
    }
}
