using System.Buffers;

namespace Uwsgi.Protocol.Wire;

/// <summary>
/// Takes content out of a chunked body. Only the uWSGI router sends one (<c>--http-chunked-input</c>); every other front end decodes it.
/// </summary>
/// <remarks>RFC 9112, section 7.1. Extensions and trailers are passed over.</remarks>
public struct ChunkedReader
{
    // A size with its extensions, or a trailer.
    private const int MaxLineLength = 4096;
    private const int MaxTrailers = 64;

    private State _state;
    private long _left;
    private int _trailers;

    private enum State
    {
        Size,
        Content,
        ContentEnd,
        Trailers,
        Done,
    }

    /// <summary>Whether the last chunk and the trailers have been taken.</summary>
    public readonly bool IsCompleted => _state == State.Done;

    /// <summary>Takes what it can off the front of <paramref name="buffer"/>.</summary>
    /// <param name="buffer">The bytes; moved past what was taken, framing and content.</param>
    /// <param name="content">The content taken; a slice of <paramref name="buffer"/>.</param>
    /// <returns><see langword="true"/> with content; <see langword="false"/> when more bytes are needed or the body is complete.</returns>
    /// <exception cref="WireFormatException"><see cref="WireError.InvalidChunkedBody"/>.</exception>
    public bool TryRead(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> content)
    {
        while (_state is not (State.Content or State.Done))
        {
            if (!TryReadLine(ref buffer, out var line))
            {
                content = default;
                return false;
            }

            OnLine(line);
        }

        if (_state == State.Done || buffer.IsEmpty)
        {
            content = default;
            return false;
        }

        content = buffer.Slice(0, Math.Min(_left, buffer.Length));
        buffer = buffer.Slice(content.End);
        _left -= content.Length;
        _state = _left == 0 ? State.ContentEnd : State.Content;
        return true;
    }

    private void OnLine(in ReadOnlySequence<byte> line)
    {
        switch (_state)
        {
            case State.Size:
                _left = ParseSize(line);
                _state = _left == 0 ? State.Trailers : State.Content;
                break;
            case State.ContentEnd:
                ThrowIf(!line.IsEmpty);
                _state = State.Size;
                break;
            default:
                ThrowIf(!line.IsEmpty && ++_trailers > MaxTrailers);
                _state = line.IsEmpty ? State.Done : State.Trailers;
                break;
        }
    }

    private static bool TryReadLine(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line)
    {
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadTo(out line, "\r\n"u8))
        {
            ThrowIf(buffer.Length > MaxLineLength);
            return false;
        }

        // A CR or an LF alone ends the line for some readers: then the two do not agree on where the body ends.
        ThrowIf(line.Length > MaxLineLength || line.PositionOf((byte)'\r') is not null || line.PositionOf((byte)'\n') is not null);
        buffer = buffer.Slice(reader.Position);
        return true;
    }

    private static long ParseSize(in ReadOnlySequence<byte> line)
    {
        var size = 0L;
        var digits = 0;
        var reader = new SequenceReader<byte>(line);
        while (reader.TryPeek(out var b) && char.IsAsciiHexDigit((char)b))
        {
            // Fifteen digits are a petabyte more than anybody sends, and no overflow.
            ThrowIf(++digits > 15);
            size = (size << 4) | (uint)(b <= '9' ? b - '0' : (b | 0x20) - 'a' + 10);
            reader.Advance(1);
        }

        // Blanks before an extension are old senders' padding.
        reader.AdvancePastAny((byte)' ', (byte)'\t');
        ThrowIf(digits == 0 || (reader.TryPeek(out var next) && next != ';'));
        return size;
    }

    private static void ThrowIf(bool isMalformed)
    {
        if (isMalformed)
        {
            WireFormatException.Throw(WireError.InvalidChunkedBody);
        }
    }
}
