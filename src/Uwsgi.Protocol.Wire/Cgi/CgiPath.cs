using System.Buffers;
using System.Text;

namespace Uwsgi.Protocol.Wire;

/// <summary>Percent-decoding and dot segments, by ASP.NET Core's rules: <c>%2F</c> stays, invalid sequences stay.</summary>
/// <remarks>RFC 3986, sections 2.1 and 5.2.4.</remarks>
internal static class CgiPath
{
    /// <summary>Decodes in place and removes dot segments; returns the new length.</summary>
    public static int Normalize(Span<byte> path, bool percentDecode)
    {
        var length = percentDecode && path.Contains((byte)'%') ? Decode(path) : path.Length;
        return RemoveDotSegments(path[..length]);
    }

    /// <summary>Writes a decoded path as the request target it could have come from.</summary>
    public static string Encode(ReadOnlySpan<byte> path)
    {
        var builder = new StringBuilder(path.Length + 16);
        foreach (var b in path)
        {
            if (char.IsAsciiLetterOrDigit((char)b) || "-._~!$&'()*+,;=:@/"u8.Contains(b))
            {
                builder.Append((char)b);
            }
            else
            {
                builder.Append('%').Append(Convert.ToHexString([b]));
            }
        }

        return builder.ToString();
    }

    private static int Decode(Span<byte> path)
    {
        Span<byte> rune = stackalloc byte[4];
        var written = 0;
        for (var read = 0; read < path.Length;)
        {
            var b = path[read];
            if (b != '%' || !TryDecodeByte(path[read..], out b) || b == '/')
            {
                // Not an escape, or one that stays: %2F is not a separator.
                path[written++] = path[read++];
                continue;
            }

            if (b < 0x80)
            {
                path[written++] = b;
                read += 3;
                continue;
            }

            // A character of several bytes is decoded whole or not at all.
            var count = 0;
            while (count < rune.Length && TryDecodeByte(path[(read + (count * 3))..], out var next))
            {
                rune[count++] = next;
            }

            if (Rune.DecodeFromUtf8(rune[..count], out _, out var consumed) == OperationStatus.Done)
            {
                rune[..consumed].CopyTo(path[written..]);
                written += consumed;
                read += consumed * 3;
            }
            else
            {
                path.Slice(read, 3).CopyTo(path[written..]);
                written += 3;
                read += 3;
            }
        }

        return written;
    }

    private static bool TryDecodeByte(ReadOnlySpan<byte> text, out byte value)
    {
        value = 0;
        if (text.Length < 3 || text[0] != '%' || !char.IsAsciiHexDigit((char)text[1]) || !char.IsAsciiHexDigit((char)text[2]))
        {
            return false;
        }

        value = (byte)((Digit(text[1]) << 4) | Digit(text[2]));
        return true;

        static int Digit(byte b) => b <= '9' ? b - '0' : (b | 0x20) - 'a' + 10;
    }

    private static int RemoveDotSegments(Span<byte> path)
    {
        if (path.IndexOf("/."u8) < 0)
        {
            return path.Length;
        }

        var written = 0;
        for (var read = 0; read < path.Length;)
        {
            // One segment with the slash before it; what comes before the first slash is nothing.
            var next = path[(read + 1)..].IndexOf((byte)'/');
            var end = next < 0 ? path.Length : read + 1 + next;
            var segment = path[read..end];
            var isLast = end == path.Length;
            if (segment.SequenceEqual("/."u8))
            {
                written = isLast ? AppendSlash(path, written) : written;
            }
            else if (segment.SequenceEqual("/.."u8))
            {
                written = Math.Max(0, path[..written].LastIndexOf((byte)'/'));
                written = isLast ? AppendSlash(path, written) : written;
            }
            else
            {
                segment.CopyTo(path[written..]);
                written += segment.Length;
            }

            read = end;
        }

        return written;
    }

    private static int AppendSlash(Span<byte> path, int written)
    {
        path[written] = (byte)'/';
        return written + 1;
    }
}
