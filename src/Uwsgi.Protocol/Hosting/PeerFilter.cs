using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Uwsgi.Protocol.Hosting;

/// <summary>Who may connect: whoever does decides REMOTE_ADDR and REMOTE_USER.</summary>
internal sealed class PeerFilter(UwsgiProtocolOptions options, WebServerAddresses webServers, bool hasCredentials)
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    private readonly IPNetwork[] _networks = [.. options.AllowedNetworks.Select(Parse)];
    private readonly uint[] _userIds = options.AllowedUserIds.Count == 0 || hasCredentials
        ? [.. options.AllowedUserIds]
        : throw new PlatformNotSupportedException("UwsgiProtocolOptions.AllowedUserIds needs Linux: this system does not say whose process a peer is.");

    /// <exception cref="PlatformNotSupportedException">User ids are asked for where the system does not tell them.</exception>
    /// <exception cref="FormatException">FCGI_WEB_SERVER_ADDRS is set and is no list of addresses.</exception>
    public PeerFilter(UwsgiProtocolOptions options)
        : this(options, WebServerAddresses.OfThisProcess(), OperatingSystem.IsLinux())
    {
    }

    /// <summary>A peer of another kind, a named pipe's or that of a transport of the app's, is on no list.</summary>
    public bool Allows(ConnectionContext connection, GatewayProtocol protocol) =>
        (_networks.Length == 0 && _userIds.Length == 0 && webServers.AreAll) || AllowsPeer(connection, protocol);

    private static IPNetwork Parse(string? text) => IPNetwork.TryParse(text, out var network)
        ? network
        : throw new FormatException(
            $"'{text}' in UwsgiProtocolOptions.AllowedNetworks is not a network. Expected 10.0.0.0/8, 10.0.0.7/32 or 2001:db8::/32.");

    private bool AllowsPeer(ConnectionContext connection, GatewayProtocol protocol) =>
        (protocol != GatewayProtocol.FastCgi || webServers.Allows(connection.RemoteEndPoint)) && connection.RemoteEndPoint switch
        {
            IPEndPoint peer => _networks.Length == 0 || AllowsAddress(peer.Address),
            UnixDomainSocketEndPoint => _userIds.Length == 0 || AllowsUser(connection),
            _ => _networks.Length == 0 && _userIds.Length == 0,
        };

    private bool AllowsAddress(IPAddress address)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(_networks, network => network.Contains(address));
    }

    private bool AllowsUser(ConnectionContext connection)
    {
        var socket = connection.Features.Get<IConnectionSocketFeature>()?.Socket;
        if (socket is null || socket.AddressFamily != AddressFamily.Unix)
        {
            return false;
        }

        // struct ucred { pid_t pid; uid_t uid; gid_t gid; }
        Span<byte> credentials = stackalloc byte[12];
        var length = socket.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
        var userId = BitConverter.IsLittleEndian
            ? BinaryPrimitives.ReadUInt32LittleEndian(credentials[4..])
            : BinaryPrimitives.ReadUInt32BigEndian(credentials[4..]);
        return length == credentials.Length && Array.IndexOf(_userIds, userId) >= 0;
    }
}
