using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Uwsgi.Protocol.Hosting;

namespace Uwsgi.Protocol.Stats;

/// <summary>A socket that the app listens on.</summary>
/// <param name="Name">What it is bound to, as uWSGI writes it.</param>
/// <param name="Protocol">What is spoken there, as uWSGI names it.</param>
/// <param name="Queue">How many connections wait to be accepted; 0 where the system does not tell.</param>
/// <param name="MaxQueue">How many may.</param>
internal readonly record struct SocketFigures(string Name, string Protocol, int Queue, int MaxQueue)
{
    /// <summary>Whether it is another server's.</summary>
    public bool IsHttp => Protocol is "http" or "https";

    private const string UnixPrefix = "unix:";
    private const string DescriptorPrefix = "fd:";

    /// <summary>All that the server, whichever it is, says it listens on.</summary>
    public static SocketFigures[] Read(IServer server)
    {
        string[] addresses = [.. server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []];
        var queues = addresses.Length > 0 && OperatingSystem.IsLinux() ? SocketDiagnostics.Read() : [];
        return Array.ConvertAll(addresses, address => Of(address, queues));
    }

    private static SocketFigures Of(string url, List<ListenQueue> queues)
    {
        var end = url.IndexOf("://", StringComparison.Ordinal);
        var (protocol, name) = end < 0 ? ("", url) : (url[..end], url[(end + 3)..]);
        name = name.StartsWith(UnixPrefix, StringComparison.Ordinal) ? name[UnixPrefix.Length..] : name.TrimEnd('/');
        var own = queues.FindAll(queue => IsAt(queue, name));
        if (own.Count > 1)
        {
            // Another process may listen there too: by SO_REUSEPORT, or on a file that was there before ours.
            var mine = OwnSockets();
            own.RemoveAll(queue => !mine.Contains(queue.Inode));
        }

        return new(name, protocol, own.Sum(queue => queue.Waiting), own.Count == 0 ? 0 : own.Max(queue => queue.Max));
    }

    private static bool IsAt(ListenQueue queue, string name)
    {
        if (name.StartsWith(DescriptorPrefix, StringComparison.Ordinal))
        {
            return InodeOf("/proc/self/fd/" + name[DescriptorPrefix.Length..].TrimStart('/')) == queue.Inode;
        }

        return queue.EndPoint switch
        {
            UnixDomainSocketEndPoint unix => unix.ToString() == name,
            IPEndPoint tcp => IsAt(tcp, name),
            _ => false,
        };
    }

    private static bool IsAt(IPEndPoint listening, string name)
    {
        var colon = name.LastIndexOf(':');
        return int.TryParse(name.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port == listening.Port
            && name[..Math.Max(0, colon)] switch
            {
                "localhost" => IPAddress.IsLoopback(listening.Address),

                // A name that is none of this host's is every interface, to Kestrel.
                var host => IPAddress.TryParse(host, out var address) && !IsAny(address) ? address.Equals(listening.Address) : IsAny(listening.Address),
            };
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static HashSet<uint> OwnSockets()
    {
        try
        {
            return [.. Directory.EnumerateFiles("/proc/self/fd").Select(InodeOf).OfType<uint>()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // socket:[12345]
    private static uint? InodeOf(string descriptor)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget is { } target
                && target.StartsWith("socket:[", StringComparison.Ordinal)
                && uint.TryParse(target.AsSpan(8, target.Length - 9), NumberStyles.None, CultureInfo.InvariantCulture, out var inode) ? inode : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Closed since it was listed.
            return null;
        }
    }
}
