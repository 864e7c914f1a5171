using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Uwsgi.Protocol.Wire;

/// <summary>Reads the head of a response, in either style, as front ends do.</summary>
/// <remarks>RFC 3875, section 6.3: no status is 200, or 302 with a Location. Lines may end in LF alone.</remarks>
public static class ResponseHeadReader
{
    /// <summary>Takes a head off the front of <paramref name="buffer"/>.</summary>
    /// <param name="buffer">The bytes; moved past the head's empty line when it was taken, untouched otherwise.</param>
    /// <param name="maxSize">The largest head to accept, in bytes.</param>
    /// <param name="head">The head.</param>
    /// <returns><see langword="true"/> when a head was taken; <see langword="false"/> when more bytes are needed.</returns>
    /// <exception cref="WireFormatException">The head is malformed or too large.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, int maxSize, [NotNullWhen(true)] out ResponseHead? head)
    {
        head = null;
        var reader = new SequenceReader<byte>(buffer);
        var headers = new List<KeyValuePair<string, string>>();
        (int Code, string Reason)? status = null;
        var isFirst = true;
        while (reader.TryReadTo(out ReadOnlySequence<byte> sequence, (byte)'\n'))
        {
            if (reader.Consumed > maxSize)
            {
                WireFormatException.Throw(WireError.ResponseHeadTooLarge);
            }

            var line = Encoding.Latin1.GetString(sequence).AsSpan();
            line = line.EndsWith("\r") ? line[..^1] : line;
            if (line.IsEmpty)
            {
                buffer = buffer.Slice(reader.Position);
                var (code, reason) = status ?? (HasLocation(headers) ? (302, "Found") : (200, "OK"));
                head = new ResponseHead(code, reason, headers);
                return true;
            }

            // A CR in the middle ends the line for some readers.
            if (line.ContainsAny('\0', '\r'))
            {
                WireFormatException.Throw(WireError.InvalidResponseHeader);
            }

            if (isFirst && line.StartsWith("HTTP/"))
            {
                var blank = line.IndexOf(' ');
                status = ParseStatus(blank < 0 ? default : line[(blank + 1)..]);
            }
            else
            {
                ParseHeader(line, headers, ref status);
            }

            isFirst = false;
        }

        if (buffer.Length > maxSize)
        {
            WireFormatException.Throw(WireError.ResponseHeadTooLarge);
        }

        return false;
    }

    private static void ParseHeader(
        ReadOnlySpan<char> line, List<KeyValuePair<string, string>> headers, ref (int Code, string Reason)? status)
    {
        var colon = line.IndexOf(':');
        if (colon <= 0 || line[..colon].ContainsAny(" \t"))
        {
            WireFormatException.Throw(WireError.InvalidResponseHeader);
        }

        var value = line[(colon + 1)..].Trim(" \t");
        if (line[..colon].Equals("Status", StringComparison.OrdinalIgnoreCase))
        {
            status = ParseStatus(value);
        }
        else
        {
            headers.Add(new(line[..colon].ToString(), value.ToString()));
        }
    }

    private static (int Code, string Reason) ParseStatus(ReadOnlySpan<char> text)
    {
        if (text.Length < 3
            || text[..3].ContainsAnyExceptInRange('0', '9')
            || text[0] == '0'
            || (text.Length > 3 && text[3] != ' '))
        {
            WireFormatException.Throw(WireError.InvalidStatus);
        }

        var code = ((text[0] - '0') * 100) + ((text[1] - '0') * 10) + (text[2] - '0');
        return (code, text[3..].Trim(' ').ToString());
    }

    private static bool HasLocation(List<KeyValuePair<string, string>> headers) =>
        headers.Exists(header => header.Key.Equals("Location", StringComparison.OrdinalIgnoreCase));
}
