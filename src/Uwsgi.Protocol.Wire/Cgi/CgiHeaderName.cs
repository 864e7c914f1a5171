using System.Buffers;
using System.Collections.Frozen;
using System.Text;

namespace Uwsgi.Protocol.Wire;

/// <summary>The names of request headers, as variables and as headers: <c>HTTP_ACCEPT_ENCODING</c> and <c>Accept-Encoding</c>.</summary>
/// <remarks>RFC 3875, section 4.1.18. <c>X-A-B</c> and <c>X_A_B</c> are one variable: what was an underscore reads as a hyphen.</remarks>
public static class CgiHeaderName
{
    private const int MaxStackName = 256;

    private static readonly SearchValues<byte> TokenCharacters = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> Known =
        new[]
        {
            "Accept", "Accept-Charset", "Accept-Datetime", "Accept-Encoding", "Accept-Language", "Access-Control-Request-Headers",
            "Access-Control-Request-Method", "Authorization", "Cache-Control", "Connection", "Content-Disposition", "Content-Encoding",
            "Content-Language", "Content-Location", "Content-MD5", "Content-Range", "Content-Security-Policy", "Cookie", "Correlation-Context",
            "Date", "DNT", "Early-Data", "ETag", "Expect", "Expires", "Forwarded", "From", "Grpc-Accept-Encoding", "Grpc-Encoding",
            "Grpc-Timeout", "Host", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since", "Keep-Alive",
            "Last-Event-ID", "Last-Modified", "Link", "Location", "Max-Forwards", "Origin", "Pragma", "Prefer", "Priority",
            "Proxy-Authorization", "Proxy-Connection", "Range", "Referer", "Request-Id", "Sec-CH-UA", "Sec-CH-UA-Mobile",
            "Sec-CH-UA-Platform", "Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site", "Sec-Fetch-User", "Sec-GPC", "Sec-WebSocket-Extensions",
            "Sec-WebSocket-Key", "Sec-WebSocket-Protocol", "Sec-WebSocket-Version", "TE", "Trailer", "Transfer-Encoding", "Translate", "Upgrade",
            "Upgrade-Insecure-Requests", "User-Agent", "Via", "Warning", "WWW-Authenticate", "X-CSRF-Token", "X-Forwarded-For",
            "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "X-Forwarded-Prefix", "X-Real-IP", "X-Requested-With", "X-Request-ID",
            "X-UA-Compatible", "X-XSS-Protection", "traceparent", "tracestate", "baggage",
        }
        .ToFrozenDictionary(name => name, StringComparer.OrdinalIgnoreCase)
        .GetAlternateLookup<ReadOnlySpan<char>>();

    private static ReadOnlySpan<byte> Prefix => "HTTP_"u8;

    /// <summary>Whether a variable stands for a request header.</summary>
    /// <param name="variable">The variable's name.</param>
    /// <returns><see langword="true"/> when it starts with <c>HTTP_</c> and goes on.</returns>
    public static bool IsHeader(ReadOnlySpan<byte> variable) =>
        variable.Length > Prefix.Length && variable.StartsWith(Prefix);

    /// <summary>Whether the variable of a request header has a name that a header can have.</summary>
    /// <param name="variable">The variable's name, <c>HTTP_</c> and all.</param>
    /// <returns><see langword="true"/> when all of it is token characters (RFC 9110, section 5.6.2).</returns>
    public static bool IsValid(ReadOnlySpan<byte> variable) => !variable.ContainsAnyExcept(TokenCharacters);

    /// <summary>The header's name for a variable: the usual spelling where it is known, else each word capitalised.</summary>
    /// <param name="variable">The variable's name, <c>HTTP_</c> and all.</param>
    /// <returns>The header's name.</returns>
    public static string ToHeader(ReadOnlySpan<byte> variable)
    {
        var name = variable[Prefix.Length..];
        var rented = name.Length > MaxStackName ? ArrayPool<char>.Shared.Rent(name.Length) : null;
        var chars = rented is null ? stackalloc char[MaxStackName] : rented;
        chars = chars[..name.Length];
        var wordStart = true;
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i] == '_' ? '-' : (char)name[i];
            chars[i] = wordStart ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c);
            wordStart = c == '-';
        }

        var header = Known.TryGetValue(chars, out var known) ? known : new string(chars);
        if (rented is not null)
        {
            ArrayPool<char>.Shared.Return(rented);
        }

        return header;
    }

    /// <summary>Whether a variable stands for a header of the given name.</summary>
    /// <param name="variable">The variable's name, <c>HTTP_</c> and all.</param>
    /// <param name="header">The header's name, in any case.</param>
    /// <returns><see langword="true"/> when it does.</returns>
    public static bool Matches(ReadOnlySpan<byte> variable, ReadOnlySpan<char> header)
    {
        if (variable.Length != header.Length + Prefix.Length || !variable.StartsWith(Prefix))
        {
            return false;
        }

        for (var i = 0; i < header.Length; i++)
        {
            // Variables are upper case from every front end; the fold makes a lower-case one match too.
            if (Fold((char)variable[i + Prefix.Length]) != Fold(header[i]))
            {
                return false;
            }
        }

        return true;

        static char Fold(char c) => c == '_' ? '-' : char.IsAsciiLetterLower(c) ? (char)(c & ~0x20) : c;
    }
}
