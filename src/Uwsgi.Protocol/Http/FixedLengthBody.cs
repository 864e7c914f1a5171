using System.Buffers;
using System.IO.Pipelines;
using Uwsgi.Protocol.Connections;

namespace Uwsgi.Protocol.Http;

/// <summary>A body of CONTENT_LENGTH bytes: positions in it are the connection's own, and nothing is copied.</summary>
internal sealed class FixedLengthBody : RequestBody
{
    private readonly long _length;
    private long _left;
    private ReadOnlySequence<byte> _buffer;
    private bool _hasAll;
    private bool _isHandedOut;

    public FixedLengthBody(PipeReader input, long length, Deadlines deadlines)
        : base(input, deadlines)
    {
        _length = length;
        _left = length;
    }

    public override bool IsDrained => _left == 0;

    protected override bool HasAll => _hasAll || _left == 0;

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!_isHandedOut && !_hasAll)
        {
            // The empty end of the body: nothing of the connection's was handed out.
            return;
        }

        var taken = _buffer.Slice(0, consumed).Length;
        _left -= taken;
        _isHandedOut = false;
        OnConsumed(taken);
        if (!_hasAll)
        {
            Input.AdvanceTo(consumed, examined);
            return;
        }

        // All of it is in hand: the connection's reader stands still until the last byte is taken.
        _buffer = _buffer.Slice(consumed);
        if (_left == 0)
        {
            _hasAll = false;
            Input.AdvanceTo(consumed);
        }
    }

    public override bool TryDrain()
    {
        if (_hasAll || _isHandedOut)
        {
            AdvanceTo(_buffer.End, _buffer.End);
        }

        while (_left > 0 && Input.TryRead(out var read))
        {
            var end = read.Buffer.GetPosition(Math.Min(_left, read.Buffer.Length));
            _left -= read.Buffer.Slice(0, end).Length;
            Input.AdvanceTo(end);
            if (read.IsCompleted || read.IsCanceled)
            {
                break;
            }
        }

        return _left == 0;
    }

    protected override ReadResult TakeRest() => new(_left == 0 ? default : _buffer, isCanceled: false, isCompleted: true);

    protected override bool TryTake(in ReadResult read, out ReadResult result)
    {
        OnReceived(read.Buffer.Length);
        _hasAll = read.Buffer.Length >= _left;
        if (read.IsCompleted && !_hasAll)
        {
            Input.AdvanceTo(read.Buffer.Start);
            ThrowUnexpectedEnd();
        }

        _buffer = _hasAll ? read.Buffer.Slice(0, _left) : read.Buffer;
        _isHandedOut = true;
        result = new ReadResult(_buffer, read.IsCanceled, _hasAll);
        return true;
    }

    protected override void ThrowIfTooLarge()
    {
        if (_length > MaxSize)
        {
            ThrowTooLarge(MaxSize);
        }
    }
}
