using System.Buffers;
using System.IO.Pipelines;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Http;

/// <summary>
/// A body that still has HTTP's chunks around it: the uWSGI router with <c>--http-chunked-input</c> sends it so, nobody else does.
/// Content is copied out of its chunks.
/// </summary>
internal sealed class ChunkedBody(PipeReader input, Deadlines deadlines) : RequestBody(input, deadlines)
{
    private readonly Pipe _content = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
    private ChunkedReader _chunks;
    private ReadOnlySequence<byte> _buffer;
    private long _length;
    private bool _isExamined;
    private bool _isHandedOut;
    private bool _hasUnread;
    private bool _isBroken;

    public override bool IsDrained => _chunks.IsCompleted && !_hasUnread;

    protected override bool HasAll => _chunks.IsCompleted || (_hasUnread && !_isExamined);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!_isHandedOut)
        {
            // The empty end of the body: no content was handed out.
            return;
        }

        _isHandedOut = false;
        _isExamined = _buffer.Slice(examined).IsEmpty;
        _hasUnread = !_buffer.Slice(consumed).IsEmpty;
        _content.Reader.AdvanceTo(consumed);
    }

    public override bool TryDrain()
    {
        while (!_isBroken && !_chunks.IsCompleted && Input.TryRead(out var read))
        {
            var end = read.Buffer.End;
            try
            {
                end = Decode(read.Buffer, static (_, _) => { });
            }
            catch (WireFormatException)
            {
                // Where such a body ends nobody knows: there is nothing to wait for.
                _isBroken = true;
            }

            Input.AdvanceTo(end, read.Buffer.End);
            if (read.IsCompleted || read.IsCanceled)
            {
                break;
            }
        }

        _hasUnread = false;
        return _isBroken || _chunks.IsCompleted;
    }

    protected override ReadResult TakeRest()
    {
        _buffer = default;
        if (_hasUnread && _content.Reader.TryRead(out var unread))
        {
            _buffer = unread.Buffer;
            _isHandedOut = true;
        }

        return new ReadResult(_buffer, isCanceled: false, _chunks.IsCompleted);
    }

    protected override bool TryTake(in ReadResult read, out ReadResult result)
    {
        OnReceived(read.Buffer.Length);
        var before = _length;
        var end = read.Buffer.Start;
        try
        {
            end = Decode(read.Buffer, static (body, content) => body.Keep(content));
        }
        catch
        {
            // What has been decoded is not told from what has not: there is no way back into it.
            _isBroken = true;
            throw;
        }
        finally
        {
            OnConsumed(read.Buffer.Slice(0, end).Length);
            Input.AdvanceTo(end, read.Buffer.End);
        }

        if (read.IsCompleted && !_chunks.IsCompleted)
        {
            ThrowUnexpectedEnd();
        }

        var hasNews = _length > before || _chunks.IsCompleted || read.IsCanceled;
        result = hasNews ? TakeRest() : default;
        if (read.IsCanceled)
        {
            result = new ReadResult(result.Buffer, isCanceled: true, result.IsCompleted);
        }

        return hasNews;
    }

    protected override void ThrowIfTooLarge()
    {
        // Not known before it has come: see Keep.
    }

    private SequencePosition Decode(ReadOnlySequence<byte> buffer, Action<ChunkedBody, ReadOnlySequence<byte>> onContent)
    {
        while (_chunks.TryRead(ref buffer, out var content))
        {
            onContent(this, content);
        }

        return buffer.Start;
    }

    private void Keep(in ReadOnlySequence<byte> content)
    {
        _length += content.Length;
        if (_length > MaxSize)
        {
            ThrowTooLarge(MaxSize);
        }

        foreach (var segment in content)
        {
            _content.Writer.Write(segment.Span);
        }

        _hasUnread = true;

        // Without a threshold it never waits: what one read brought is bounded, and the next read comes when this is taken.
        var flush = _content.Writer.FlushAsync();
        System.Diagnostics.Debug.Assert(flush.IsCompletedSuccessfully);
    }
}
