using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>A part of a line, written where there is room for all of it.</summary>
internal ref struct LineText(Span<byte> room)
{
    // A text longer than this is cut: a request's head may have 16 MB, a line may not.
    public const int MaxText = 4096;

    /// <summary>The room that a number may take.</summary>
    public const int MaxNumberSize = 20;

    // As nginx escapes: \x0A.
    private const int EscapeSize = 4;

    private static readonly SearchValues<byte> PlainText = Printable(except: "\"\\"u8);

    // No front end lets a space into these; who speaks to the socket itself could make a field of two.
    private static readonly SearchValues<byte> PlainWord = Printable(except: " \"\\"u8);

    // The name that a client claims to have, whether or not it is let in, and in the default line what ends it.
    private static readonly SearchValues<byte> PlainUser = Printable(except: " ()\"\\"u8);

    private readonly Span<byte> _room = room;

    private static ReadOnlySpan<byte> Cut => "..."u8;

    /// <summary>The bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>The room that text of the peer's may take.</summary>
    public static int MaxSizeOf(ReadOnlySpan<byte> text) => (EscapeSize * Math.Min(text.Length, MaxText)) + Cut.Length;

    /// <summary>Text of ours, as it is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(scoped ReadOnlySpan<byte> text)
    {
        text.CopyTo(_room[Length..]);
        Length += text.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Append(long number)
    {
        if ((ulong)number < 10)
        {
            // Most numbers of a line.
            _room[Length++] = (byte)('0' + number);
        }
        else
        {
            AppendLonger(number);
        }
    }

    /// <summary>A number with its leading zeros.</summary>
    public void Append(long number, int digits)
    {
        _ = Utf8Formatter.TryFormat(number, _room[Length..], out var written, new StandardFormat('D', (byte)digits));
        Length += written;
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

    private static byte Hex(int digit) => (byte)(digit < 10 ? '0' + digit : 'A' + digit - 10);

    private void AppendLonger(long number)
    {
        if ((ulong)number < 1000)
        {
            // A status, the size of a head.
            var (hundreds, rest) = Math.DivRem((uint)number, 100);
            if (hundreds > 0)
            {
                _room[Length++] = (byte)('0' + hundreds);
            }

            _room[Length++] = (byte)('0' + (rest / 10));
            _room[Length++] = (byte)('0' + (rest % 10));
            return;
        }

        _ = Utf8Formatter.TryFormat(number, _room[Length..], out var written);
        Length += written;
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
            Append(Cut);
        }
    }
}
