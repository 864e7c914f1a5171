using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Uwsgi.Protocol.Wire;

/// <summary>
/// Writes the head of a response. Nothing reaches the output before <see cref="Complete"/>, except what does not fit its span.
/// </summary>
/// <remarks>RFC 9112, section 4 (status line), RFC 3875, section 6.3 (Status header).</remarks>
public ref struct ResponseHeadWriter
{
    private const string Location = "Location";

    private static readonly SearchValues<char> Forbidden = SearchValues.Create("\0\r\n");
    private static readonly SearchValues<byte> ForbiddenBytes = SearchValues.Create("\0\r\n"u8);

    private readonly IBufferWriter<byte> _output;
    private Span<byte> _span;
    private int _written;

    /// <summary>Starts a head with its status.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="style">How the status is written.</param>
    /// <param name="statusCode">The status code, three digits.</param>
    /// <param name="reasonPhrase">The reason phrase; never left out, because some front ends need one.</param>
    /// <param name="location">The value of the Location header; <see langword="null"/> for none. It stands before the Status of <see cref="ResponseHeadStyle.StatusHeader"/>, and behind the other styles'.</param>
    /// <param name="locationEncoding">How that value becomes bytes; <see langword="null"/> for ASCII, where other characters read <c>?</c>.</param>
    /// <exception cref="ArgumentException">The reason phrase or the location has a NUL or a line break.</exception>
    public ResponseHeadWriter(
        IBufferWriter<byte> output, ResponseHeadStyle style, int statusCode, string reasonPhrase, string? location = null, Encoding? locationEncoding = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentOutOfRangeException.ThrowIfLessThan(statusCode, 100);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(statusCode, 999);
        _output = output;
        _span = output.GetSpan(256);
        if (location is not null && style == ResponseHeadStyle.StatusHeader)
        {
            // HAProxy makes 302 of any Status that has a Location behind it.
            WriteHeader(Location, location, locationEncoding);
        }

        Write(style == ResponseHeadStyle.StatusLine ? "HTTP/1.1 "u8 : "Status: "u8);
        Reserve(4);
        _ = Utf8Formatter.TryFormat(statusCode, _span[_written..], out var digits);
        _written += digits;
        _span[_written++] = (byte)' ';
        Write(reasonPhrase, encoding: null);
        Write("\r\n"u8);
        if (location is not null && style != ResponseHeadStyle.StatusHeader)
        {
            WriteHeader(Location, location, locationEncoding);
        }
    }

    /// <summary>Writes one header on a line of its own.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value.</param>
    /// <param name="encoding">How the value becomes bytes; <see langword="null"/> for ASCII, where other characters read <c>?</c>.</param>
    /// <exception cref="ArgumentException">Name or value has a NUL or a line break.</exception>
    public void WriteHeader(string name, string value, Encoding? encoding = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        Write(name, encoding: null);
        Write(": "u8);
        Write(value, encoding);
        Write("\r\n"u8);
    }

    /// <summary>Writes bytes that are whole header lines already.</summary>
    /// <param name="lines">The lines, line breaks and all.</param>
    public void WriteLines(ReadOnlySpan<byte> lines) => Write(lines);

    /// <summary>Writes a header whose value is a number.</summary>
    /// <param name="nameAndColon">The name, its colon and a blank.</param>
    /// <param name="value">The value.</param>
    public void WriteNumber(ReadOnlySpan<byte> nameAndColon, long value)
    {
        Write(nameAndColon);
        Reserve(20);
        _ = Utf8Formatter.TryFormat(value, _span[_written..], out var digits);
        _written += digits;
        Write("\r\n"u8);
    }

    /// <summary>Ends the head with its empty line.</summary>
    public void Complete()
    {
        Write("\r\n"u8);
        _output.Advance(_written);
        _span = default;
        _written = 0;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_span[_written..]);
        _written += bytes.Length;
    }

    private void Write(string text, Encoding? encoding)
    {
        if (text.AsSpan().ContainsAny(Forbidden))
        {
            ThrowSplit(nameof(text));
        }

        if (encoding is null || Ascii.IsValid(text))
        {
            Reserve(text.Length);
            _written += Encoding.ASCII.GetBytes(text, _span[_written..]);
        }
        else
        {
            Reserve(encoding.GetMaxByteCount(text.Length));
            var length = encoding.GetBytes(text, _span[_written..]);

            // An encoding may make a line break of characters that are none, as UTF-16 does.
            if (_span.Slice(_written, length).ContainsAny(ForbiddenBytes))
            {
                ThrowSplit(nameof(text));
            }

            _written += length;
        }
    }

    [DoesNotReturn]
    private static void ThrowSplit(string parameter) =>
        throw new ArgumentException("A response's head has no NUL and no line break inside a line.", parameter);

    private void Reserve(int length)
    {
        if (_span.Length - _written >= length)
        {
            return;
        }

        _output.Advance(_written);
        _span = _output.GetSpan(Math.Max(length, 256));
        _written = 0;
    }
}
