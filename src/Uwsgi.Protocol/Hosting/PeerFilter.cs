using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Uwsgi.Protocol.Hosting;

/// <summary>Who may connect: whoever does decides REMOTE_ADDR and REMOTE_USER.</summary>
internal sealed class PeerFilter(UwsgiProtocolOptions options)
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    private readonly IPNetwork[] _networks = [.. options.AllowedNetworks.Select(Parse)];
    private readonly uint[] _userIds = [.. options.AllowedUserIds];

    public bool Allows(ConnectionContext connection) => connection.RemoteEndPoint switch
    {
        IPEndPoint peer => _networks.Length == 0 || AllowsAddress(peer.Address),
        _ => _userIds.Length == 0 || AllowsUser(connection),
    };

    private static IPNetwork Parse(string? text) => IPNetwork.TryParse(text, out var network)
        ? network
        : throw new FormatException(
            $"'{text}' in UwsgiProtocolOptions.AllowedNetworks is not a network. Expected 10.0.0.0/8, 10.0.0.7/32 or 2001:db8::/32.");

    private bool AllowsAddress(IPAddress address)
    {
        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(_networks, network => network.Contains(address));
    }

    private bool AllowsUser(ConnectionContext connection)
    {
        var socket = connection.Features.Get<IConnectionSocketFeature>()?.Socket;
        if (socket is null || socket.AddressFamily != AddressFamily.Unix || !OperatingSystem.IsLinux())
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
