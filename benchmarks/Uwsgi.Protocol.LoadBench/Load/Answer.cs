using System.Buffers;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>One answer as it comes: its head is read, each byte of its body compared.</summary>
/// <param name="expected">The right body.</param>
internal sealed class Answer(byte[] expected)
{
    private const int MaxHead = 16 * 1024;
    private readonly ArrayBufferWriter<byte> _partOfHead = new();
    private ChunkedReader _chunks;
    private int _taken;
    private bool _hasHead;
    private bool _isChunked;
    private bool _isWrong;

    public bool IsRight => _hasHead && !_isWrong && _taken == expected.Length && (!_isChunked || _chunks.IsCompleted);

    /// <summary>Whether an HTTP answer is complete; in the other protocols something else ends it.</summary>
    public bool IsComplete => _hasHead && (_isChunked ? _chunks.IsCompleted : _isWrong || _taken == expected.Length);

    public void Begin()
    {
        _partOfHead.ResetWrittenCount();
        _chunks = default;
        (_taken, _hasHead, _isChunked, _isWrong) = (0, false, false, false);
    }

    /// <summary>Takes what it can; the caller brings the rest again, with more behind it.</summary>
    public ReadOnlySequence<byte> Take(ReadOnlySequence<byte> bytes)
    {
        if (!_hasHead && !TryTakeHead(ref bytes))
        {
            return bytes;
        }

        if (!_isChunked)
        {
            Compare(bytes);
            return default;
        }

        while (_chunks.TryRead(ref bytes, out var content))
        {
            Compare(content);
        }

        return bytes;
    }

    /// <summary>Takes all of it: what a FastCGI record brings does not come again.</summary>
    public void TakeRecord(in ReadOnlySequence<byte> content)
    {
        if (_partOfHead.WrittenCount == 0)
        {
            var rest = Take(content);
            KeepPart(rest);
            return;
        }

        KeepPart(content);
        if (Take(new ReadOnlySequence<byte>(_partOfHead.WrittenMemory)).IsEmpty)
        {
            _partOfHead.ResetWrittenCount();
        }
    }

    private void KeepPart(in ReadOnlySequence<byte> bytes)
    {
        foreach (var memory in bytes)
        {
            _partOfHead.Write(memory.Span);
        }
    }

    private bool TryTakeHead(ref ReadOnlySequence<byte> bytes)
    {
        if (!ResponseHeadReader.TryRead(ref bytes, MaxHead, out var head))
        {
            return false;
        }

        _hasHead = true;
        _isWrong = head.StatusCode != StatusCodes.Status200OK;
        foreach (var (name, value) in head.Headers)
        {
            _isChunked |= name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase) && value.Equals("chunked", StringComparison.OrdinalIgnoreCase);
        }

        return true;
    }

    private void Compare(in ReadOnlySequence<byte> content)
    {
        foreach (var memory in content)
        {
            var length = Math.Min(memory.Length, expected.Length - _taken);
            _isWrong |= length != memory.Length || !memory.Span.SequenceEqual(expected.AsSpan(_taken, length));
            _taken += length;
        }
    }
}
