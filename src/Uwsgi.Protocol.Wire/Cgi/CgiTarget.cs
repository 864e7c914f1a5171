using System.Buffers;
using System.Text;

namespace Uwsgi.Protocol.Wire;

/// <summary>The target of a request: what the client asked for.</summary>
/// <param name="RawTarget">The target as it was sent.</param>
/// <param name="PathBase">Where the app is mounted: empty, or <c>/</c> and text.</param>
/// <param name="Path">The path below it, decoded but for <c>%2F</c>; empty for <c>*</c> and for an authority.</param>
/// <param name="QueryString">Empty, or <c>?</c> and the query, still encoded.</param>
public readonly record struct CgiTarget(string RawTarget, string PathBase, string Path, string QueryString)
{
    private const int MaxStackPath = 512;

    private static readonly SearchValues<byte> Forbidden = SearchValues.Create("\0\r\n"u8);

    // RFC 3986, section 3.1.
    private static readonly SearchValues<byte> SchemeCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-."u8);

    /// <summary>Makes the target from a request's variables.</summary>
    /// <param name="variables">The variables.</param>
    /// <param name="rules">How; <see langword="null"/> for <see cref="CgiTargetRules.Default"/>.</param>
    /// <param name="previous">An earlier request's target, if there is one: where both say the same, its strings are used again.</param>
    /// <returns>The target.</returns>
    /// <exception cref="WireFormatException"><see cref="WireError.InvalidRequestTarget"/>.</exception>
    public static CgiTarget Parse(CgiVariables variables, CgiTargetRules? rules = null, CgiTarget previous = default)
    {
        ArgumentNullException.ThrowIfNull(variables);
        rules ??= CgiTargetRules.Default;

        var target = variables[CgiVariable.RequestUri];
        if (target.ContainsAny(Forbidden) || variables[CgiVariable.QueryString].ContainsAny(Forbidden))
        {
            WireFormatException.Throw(WireError.InvalidRequestTarget);
        }

        if (target.SequenceEqual("*"u8) || IsAuthority(variables, target))
        {
            return new CgiTarget(Text(target, previous.RawTarget), "", "", "");
        }

        // "http://host/path#fragment" from front ends that pass on what the client wrote.
        var rest = WithoutFragment(WithoutOrigin(target));
        var question = rest.IndexOf((byte)'?');
        var path = question < 0 ? rest : rest[..question];
        var query = variables.Contains(CgiVariable.QueryString)
            ? variables[CgiVariable.QueryString]
            : question < 0 ? default : rest[(question + 1)..];

        // "/path?" has a query, an empty one, and the app sees it as it does from HTTP.
        var queryString = query.IsEmpty && question >= 0 && question == rest.Length - 1 ? "?" : QueryText(query, previous.QueryString);
        var source = FindDecodedSource(variables, rules.PathSource);
        var isEncoded = source.IsEmpty && !target.IsEmpty;
        if (!isEncoded)
        {
            // Without REQUEST_URI: SCRIPT_NAME and PATH_INFO, then DOCUMENT_URI, both decoded already.
            path = !source.IsEmpty ? source : Concatenate(variables[CgiVariable.ScriptName], variables[CgiVariable.PathInfo]);
            path = !path.IsEmpty ? path : variables[CgiVariable.DocumentUri];
            path = !path.IsEmpty ? path : "/"u8;
        }

        var rawTarget = target.IsEmpty ? RawTargetOf(path, queryString) : Text(target, previous.RawTarget);
        return Split(variables, rules, path, isEncoded, new CgiTarget(rawTarget, "", previous.Path, queryString));
    }

    private static CgiTarget Split(
        CgiVariables variables, CgiTargetRules rules, ReadOnlySpan<byte> path, bool isEncoded, CgiTarget target)
    {
        if (path.IsEmpty || path[0] != '/')
        {
            WireFormatException.Throw(WireError.InvalidRequestTarget);
        }

        var rented = path.Length > MaxStackPath ? ArrayPool<byte>.Shared.Rent(path.Length) : null;
        var buffer = rented is null ? stackalloc byte[MaxStackPath] : rented;
        path.CopyTo(buffer);
        var decoded = buffer[..CgiPath.Normalize(buffer[..path.Length], isEncoded)];
        try
        {
            if (decoded.Contains((byte)0))
            {
                WireFormatException.Throw(WireError.InvalidRequestTarget);
            }

            var mount = CgiMount.Find(variables, rules, decoded);
            return target with { PathBase = mount.PathBase, Path = mount.Path ?? Text(decoded[mount.Length..], target.Path) };
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }
    }

    private static bool IsAuthority(CgiVariables variables, ReadOnlySpan<byte> target) =>
        !target.IsEmpty && target[0] != '/' && variables[CgiVariable.RequestMethod].SequenceEqual("CONNECT"u8);

    private static ReadOnlySpan<byte> WithoutOrigin(ReadOnlySpan<byte> target)
    {
        // Only a scheme at the very start: "x?u=http://other/path" has no origin, and no path either.
        var scheme = target.IndexOfAnyExcept(SchemeCharacters);
        if (scheme <= 0 || !char.IsAsciiLetter((char)target[0]) || !target[scheme..].StartsWith("://"u8))
        {
            return target;
        }

        var authority = target[(scheme + 3)..];
        var end = authority.IndexOfAny((byte)'/', (byte)'?', (byte)'#');
        if (end >= 0 && authority[end] == '/')
        {
            return authority[end..];
        }

        // "http://host?query": the path is empty, which is "/". The query is in QUERY_STRING from every front end seen.
        return "/"u8;
    }

    private static ReadOnlySpan<byte> WithoutFragment(ReadOnlySpan<byte> target)
    {
        var hash = target.IndexOf((byte)'#');
        return hash < 0 ? target : target[..hash];
    }

    private static ReadOnlySpan<byte> FindDecodedSource(CgiVariables variables, CgiPathSource source) => source switch
    {
        CgiPathSource.PathInfo => variables[CgiVariable.PathInfo],
        CgiPathSource.DocumentUri => variables[CgiVariable.DocumentUri],
        _ => default,
    };

    private static ReadOnlySpan<byte> Concatenate(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) =>
        first.IsEmpty ? second : second.IsEmpty ? first : (byte[])[.. first, .. second];

    private static string RawTargetOf(ReadOnlySpan<byte> path, string queryString) =>
        CgiPath.Encode(path) + queryString;

    private static string QueryText(ReadOnlySpan<byte> query, string? previous) =>
        query.IsEmpty ? ""
        : previous is ['?', ..] && Ascii.Equals(query, previous.AsSpan(1)) ? previous
        : "?" + Encoding.UTF8.GetString(query);

    private static string Text(ReadOnlySpan<byte> bytes, string? previous) =>
        bytes.SequenceEqual("/"u8) ? "/"
        : previous is not null && Ascii.Equals(bytes, previous) ? previous
        : Encoding.UTF8.GetString(bytes);
}
