using System.Buffers;
using System.IO.Pipelines;

namespace Uwsgi.Protocol.Tests.InMemory;

/// <summary>A foreign transport's input that does not take back what was examined, as pipes did not always.</summary>
internal sealed class ForwardPipeReader(PipeReader input) : PipeReader
{
    private ReadOnlySequence<byte> _buffer;
    private long _consumed;
    private long _examined;

    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => Kept(await input.ReadAsync(cancellationToken));

    public override bool TryRead(out ReadResult result)
    {
        var isRead = input.TryRead(out result);
        _ = isRead ? Kept(result) : default;
        return isRead;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        var seen = _consumed + _buffer.Slice(0, examined).Length;
        if (seen < _examined)
        {
            throw new InvalidOperationException($"{_examined} bytes have been examined, and now {seen}.");
        }

        _examined = seen;
        _consumed += _buffer.Slice(0, consumed).Length;
        input.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => input.CancelPendingRead();

    public override void Complete(Exception? exception = null) => input.Complete(exception);

    private ReadResult Kept(in ReadResult result)
    {
        _buffer = result.Buffer;
        return result;
    }
}
