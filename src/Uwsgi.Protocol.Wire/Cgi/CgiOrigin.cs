using System.Buffers;
using System.Net;
using System.Text;

namespace Uwsgi.Protocol.Wire;

/// <summary>Scheme and host of a request.</summary>
public static class CgiOrigin
{
    // RFC 3986, section 3.2.2, without userinfo: reg-name, IP literal and port.
    private static readonly SearchValues<byte> HostCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:%[]"u8);

    private static readonly SearchValues<byte> AddressCharacters = SearchValues.Create("ABCDEFabcdef0123456789:."u8);

    /// <summary>Whether the client used https: HTTPS is <c>on</c>, <c>1</c> or <c>true</c>, else what REQUEST_SCHEME says.</summary>
    /// <param name="variables">The request's variables.</param>
    /// <returns><see langword="true"/> for https.</returns>
    public static bool IsHttps(CgiVariables variables)
    {
        ArgumentNullException.ThrowIfNull(variables);
        var https = variables[CgiVariable.Https];
        return Ascii.EqualsIgnoreCase(https, "on"u8)
            || https.SequenceEqual("1"u8)
            || Ascii.EqualsIgnoreCase(https, "true"u8)
            || Ascii.EqualsIgnoreCase(variables[CgiVariable.RequestScheme], "https"u8);
    }

    /// <summary>The host: HTTP_HOST, else SERVER_NAME with SERVER_PORT.</summary>
    /// <param name="variables">The request's variables.</param>
    /// <param name="appendServerPort">
    /// Whether a HTTP_HOST without a port gets SERVER_PORT where that is not the scheme's own
    /// (some distributions' nginx parameters lose the port).
    /// </param>
    /// <param name="previous">An earlier request's host, if there is one: where both are the same, it is used again.</param>
    /// <returns>The host; empty when nothing names one.</returns>
    /// <exception cref="WireFormatException"><see cref="WireError.InvalidHost"/>.</exception>
    public static string GetHost(CgiVariables variables, bool appendServerPort = false, string? previous = null)
    {
        ArgumentNullException.ThrowIfNull(variables);
        var port = variables[CgiVariable.ServerPort];
        var host = variables[CgiVariable.HttpHost];
        if (!host.IsEmpty)
        {
            return IsHost(host)
                ? Format(host, appendServerPort && !HasPort(host) && !IsDefaultPort(variables, port) ? port : default, previous)
                : throw new WireFormatException(WireError.InvalidHost);
        }

        // Not the client's word but the front end's: nginx sends a server_name that is a regular expression as it stands.
        var name = variables[CgiVariable.ServerName];
        return IsHost(name) ? Format(name, HasPort(name) || IsDefaultPort(variables, port) ? default : port, previous) : "";
    }

    private static string Format(ReadOnlySpan<byte> host, ReadOnlySpan<byte> port, string? previous)
    {
        if (port.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            WireFormatException.Throw(WireError.InvalidHost);
        }

        if (port.IsEmpty && previous is not null && Ascii.Equals(host, previous))
        {
            return previous;
        }

        // A bare IPv6 address, as Caddy writes SERVER_NAME.
        var text = Encoding.ASCII.GetString(host);
        if (IsIPv6(host))
        {
            text = $"[{text}]";
        }

        return port.IsEmpty || host.IsEmpty ? text : $"{text}:{Encoding.ASCII.GetString(port)}";
    }

    /// <summary>A name or an IPv4 address, an IPv6 address in brackets, each with or without a port; or a bare IPv6 address.</summary>
    private static bool IsHost(ReadOnlySpan<byte> text)
    {
        if (text.ContainsAnyExcept(HostCharacters))
        {
            return false;
        }

        if (text.IndexOf((byte)']') is >= 0 and var end)
        {
            return text[0] == '[' && IsIPv6(text[1..end]) && IsPortOrNothing(text[(end + 1)..]);
        }

        var colon = text.IndexOf((byte)':');
        return text.IndexOf((byte)'[') < 0
            && (colon < 0 || (colon > 0 && IsPortOrNothing(text[colon..])) || IsIPv6(text));
    }

    private static bool IsPortOrNothing(ReadOnlySpan<byte> text) =>
        text.IsEmpty || (text[0] == ':' && !text[1..].ContainsAnyExceptInRange((byte)'0', (byte)'9'));

    // No zone: that is a matter of the machine that wrote it.
    private static bool IsIPv6(ReadOnlySpan<byte> text) =>
        text.Contains((byte)':') && !text.ContainsAnyExcept(AddressCharacters) && IPAddress.TryParse(text, out _);

    private static bool IsDefaultPort(CgiVariables variables, ReadOnlySpan<byte> port) =>
        port.SequenceEqual(IsHttps(variables) ? "443"u8 : "80"u8);

    // Of what is a host.
    private static bool HasPort(ReadOnlySpan<byte> host) => host[(host.IndexOf((byte)']') + 1)..].Count((byte)':') == 1;
}
