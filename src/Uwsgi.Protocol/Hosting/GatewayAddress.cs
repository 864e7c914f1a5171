using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Uwsgi.Protocol.Hosting;

/// <summary>A protocol and where it is spoken.</summary>
/// <param name="Protocol">The protocol.</param>
/// <param name="EndPoint">The end point; <see cref="DnsEndPoint"/> stands for <c>localhost</c>, both families.</param>
internal sealed record GatewayAddress(GatewayProtocol Protocol, EndPoint EndPoint)
{
    private const string UnixPrefix = "unix:";
    private const string DescriptorPrefix = "fd://";
    private const string Localhost = "localhost";

    private static readonly Dictionary<string, GatewayProtocol> Schemes =
        Enum.GetValues<GatewayProtocol>().ToDictionary(Scheme, StringComparer.OrdinalIgnoreCase);

    /// <summary>The protocol.</summary>
    public GatewayProtocol Protocol { get; } = Defined(Protocol);

    /// <summary>Whether hosts other than this one can reach it.</summary>
    public bool IsReachableFromOutside => EndPoint is IPEndPoint { Address: var address } && !IPAddress.IsLoopback(address);

    /// <exception cref="ArgumentOutOfRangeException">There is no such protocol.</exception>
    public static GatewayProtocol Defined(GatewayProtocol protocol) => Enum.IsDefined(protocol)
        ? protocol
        : throw new ArgumentOutOfRangeException(nameof(protocol), protocol, "There is no such protocol.");

    public static string Scheme(GatewayProtocol protocol) => protocol switch
    {
        GatewayProtocol.Uwsgi => "uwsgi",
        GatewayProtocol.FastCgi => "fastcgi",
        GatewayProtocol.Scgi => "scgi",
        GatewayProtocol.Any => "gateway",
        _ => throw new ArgumentOutOfRangeException(nameof(protocol)),
    };

    /// <summary>Reads a URL such as <c>uwsgi://127.0.0.1:3031</c>; <see langword="false"/> when the scheme is not one of ours.</summary>
    public static bool TryParseUrl(string url, out GatewayAddress? address)
    {
        var end = url.IndexOf("://", StringComparison.Ordinal);
        if (end < 0 || !Schemes.TryGetValue(url[..end].Trim(), out var protocol))
        {
            address = null;
            return false;
        }

        var rest = url[(end + 3)..].Trim();
        address = Parse(rest.StartsWith('/') ? rest : rest.TrimEnd('/'), protocol);
        return true;
    }

    public static GatewayAddress Parse(string address, GatewayProtocol protocol)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(address);
        return new GatewayAddress(protocol, ParseEndPoint(address));
    }

    /// <summary>Reads an address without its protocol.</summary>
    public static EndPoint ParseEndPoint(string address) => TryParseEndPoint(address.Trim()) ?? throw new FormatException(
        $"'{address}' is not an address to listen on. Expected 127.0.0.1:3031, [::1]:3031, :3031, localhost:3031, " +
        "/run/app.sock, unix:/run/app.sock, @name or fd://3.");

    /// <inheritdoc/>
    public override string ToString() => ToString(Scheme(Protocol), EndPoint);

    /// <summary>An end point as a URL.</summary>
    public static string ToString(string scheme, EndPoint endPoint) => $"{scheme}://" + endPoint switch
    {
        UnixDomainSocketEndPoint unix => UnixPrefix + unix,
        FileHandleEndPoint handle => $"fd:{handle.FileHandle}",
        DnsEndPoint dns => $"{dns.Host}:{dns.Port}",
        var other => other.ToString(),
    };

    private static EndPoint? TryParseEndPoint(string address)
    {
        if (address.StartsWith(DescriptorPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return ulong.TryParse(address.AsSpan(DescriptorPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var handle)
                ? new FileHandleEndPoint(handle, FileHandleType.Auto)
                : null;
        }

        if (address.StartsWith(UnixPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return ParseUnix(address[UnixPrefix.Length..]);
        }

        return address[0] is '/' or '.' or '@' ? ParseUnix(address) : ParseTcp(address);
    }

    private static UnixDomainSocketEndPoint? ParseUnix(string path)
    {
        if (path.Length == 0)
        {
            return null;
        }

        try
        {
            // Abstract names start with a NUL; "@" is how people write it.
            return new UnixDomainSocketEndPoint(path[0] == '@' ? "\0" + path[1..] : Path.GetFullPath(path));
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new FormatException($"The unix socket path '{path}' is too long for this system.", e);
        }
    }

    private static EndPoint? ParseTcp(string address)
    {
        var colon = address.LastIndexOf(':');
        if (!ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return null;
        }

        var host = colon < 0 ? "127.0.0.1" : address[..colon];
        if (host.Equals(Localhost, StringComparison.OrdinalIgnoreCase))
        {
            return new DnsEndPoint(Localhost, port);
        }

        // As uWSGI reads them: nothing or "*" is every interface.
        if (host is "" or "*")
        {
            return new IPEndPoint(IPAddress.IPv6Any, port);
        }

        // An IPv6 address needs its brackets: "::1" would be address ":" and port 1.
        if (host.Contains(':') && !(host.StartsWith('[') && host.EndsWith(']')))
        {
            return null;
        }

        return IPAddress.TryParse(host, out var ip) ? new IPEndPoint(ip, port) : null;
    }
}
