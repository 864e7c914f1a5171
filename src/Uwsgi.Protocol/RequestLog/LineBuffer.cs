using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>One line in the making. A thread has one, and uses it again.</summary>
internal sealed class LineBuffer
{
    // A text longer than this is cut: a request's head may have 16 MB, a line may not.
    public const int MaxText = 4096;

    private const int LongestNumber = 20;

    private static readonly SearchValues<byte> PlainText = Printable(except: "\"\\"u8);

    // No front end lets a space into these; who speaks to the socket itself could make a field of two.
    private static readonly SearchValues<byte> PlainWord = Printable(except: " \"\\"u8);

    // The name that a client claims to have, whether or not it is let in, and in the default line what ends it.
    private static readonly SearchValues<byte> PlainUser = Printable(except: " ()\"\\"u8);

    private byte[] _bytes = new byte[1024];
    private int _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void Clear() => _length = 0;

    /// <summary>Text of ours, as it is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(ReadOnlySpan<byte> text)
    {
        if (!text.TryCopyTo(_bytes.AsSpan(_length)))
        {
            text.CopyTo(Room(text.Length));
        }

        _length += text.Length;
    }

    public void Append(long number)
    {
        if (number is >= 0 and < 10)
        {
            // Most numbers of a line.
            Append([(byte)('0' + number)]);
            return;
        }

        _ = Utf8Formatter.TryFormat(number, Room(LongestNumber), out var written);
        _length += written;
    }

    /// <summary>A number with its leading zeros.</summary>
    public void Append(long number, int digits)
    {
        _ = Utf8Formatter.TryFormat(number, Room(LongestNumber), out var written, new StandardFormat('D', (byte)digits));
        _length += written;
    }

    /// <summary>Text of the peer's. What could end a line, move a cursor or end a quoted field is escaped, as nginx does it: <c>\x0A</c>.</summary>
    public void AppendText(ReadOnlySpan<byte> text) => AppendEscaped(text, PlainText);

    /// <summary>A word of the peer's: spaces are escaped too.</summary>
    public void AppendWord(ReadOnlySpan<byte> text) => AppendEscaped(text, PlainWord);

    /// <summary>A word of the peer's, or text of ours where there is none.</summary>
    public void AppendWordOr(ReadOnlySpan<byte> otherwise, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            Append(otherwise);
        }
        else
        {
            AppendWord(text);
        }
    }

    /// <summary>A name of the peer's: spaces and parentheses are escaped too.</summary>
    public void AppendUser(ReadOnlySpan<byte> text) => AppendEscaped(text, PlainUser);

    private static SearchValues<byte> Printable(ReadOnlySpan<byte> except)
    {
        var plain = new List<byte>();
        for (var b = (byte)' '; b <= (byte)'~'; b++)
        {
            if (!except.Contains(b))
            {
                plain.Add(b);
            }
        }

        return SearchValues.Create([.. plain]);
    }

    private void AppendEscaped(ReadOnlySpan<byte> text, SearchValues<byte> plain)
    {
        var isCut = text.Length > MaxText;
        text = isCut ? text[..MaxText] : text;
        while (true)
        {
            var count = text.IndexOfAnyExcept(plain);
            if (count < 0)
            {
                break;
            }

            Append(text[..count]);
            var b = text[count];
            Append([(byte)'\\', (byte)'x', Hex(b >> 4), Hex(b & 0xF)]);
            text = text[(count + 1)..];
        }

        Append(text);
        if (isCut)
        {
            Append("..."u8);
        }
    }

    private static byte Hex(int digit) => (byte)(digit < 10 ? '0' + digit : 'A' + digit - 10);

    private Span<byte> Room(int count)
    {
        if (_bytes.Length - _length < count)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
        }

        return _bytes.AsSpan(_length);
    }
}
