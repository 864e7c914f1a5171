using System.Buffers;
using System.IO.Pipelines;
using Uwsgi.Protocol.Connections;

namespace Uwsgi.Protocol.Http;

/// <summary>A body that ends where its stream does: FastCGI's, where the front end did not know the length.</summary>
internal sealed class StreamBody(PipeReader input, Deadlines deadlines) : RequestBody(input, deadlines)
{
    private ReadOnlySequence<byte> _buffer;
    private long _consumed;
    private bool _isHandedOut;
    private bool _isAtEnd;

    public override bool IsDrained => _isAtEnd && _buffer.IsEmpty;

    protected override bool HasAll => _isAtEnd;

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!_isHandedOut)
        {
            // The empty end of the body: nothing of the stream's was handed out.
            return;
        }

        var taken = _buffer.Slice(0, consumed).Length;
        _consumed += taken;
        OnConsumed(taken);
        _buffer = _buffer.Slice(consumed);
        if (!_isAtEnd || _buffer.IsEmpty)
        {
            // Its memory is another's from here on.
            _isHandedOut = false;
            _buffer = default;
            Input.AdvanceTo(consumed, examined);
        }
    }

    public override bool TryDrain()
    {
        if (_isHandedOut)
        {
            AdvanceTo(_buffer.End, _buffer.End);
        }

        while (!_isAtEnd && Input.TryRead(out var read))
        {
            _isAtEnd = read.IsCompleted;
            _buffer = default;
            Input.AdvanceTo(read.Buffer.End);
            if (read.IsCanceled)
            {
                break;
            }
        }

        return IsDrained;
    }

    protected override ReadResult TakeRest() => new(_buffer, isCanceled: false, isCompleted: true);

    protected override bool TryTake(in ReadResult read, out ReadResult result)
    {
        OnReceived(read.Buffer.Length);
        if (_consumed + read.Buffer.Length > MaxSize)
        {
            Input.AdvanceTo(read.Buffer.Start);
            ThrowTooLarge(MaxSize);
        }

        _buffer = read.Buffer;
        _isAtEnd = read.IsCompleted;
        _isHandedOut = true;
        result = new ReadResult(_buffer, read.IsCanceled, _isAtEnd);
        return true;
    }

    protected override void ThrowIfTooLarge()
    {
        // Not known before it has come.
    }
}
