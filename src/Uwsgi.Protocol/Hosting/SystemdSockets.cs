using System.Globalization;
using Microsoft.AspNetCore.Connections;

namespace Uwsgi.Protocol.Hosting;

/// <summary>The sockets that systemd hands to a process it starts.</summary>
/// <remarks>sd_listen_fds(3): LISTEN_PID is this process, LISTEN_FDS how many, from descriptor 3 on, LISTEN_FDNAMES their names.</remarks>
internal static class SystemdSockets
{
    private const int FirstDescriptor = 3;

    /// <summary>Whether systemd handed sockets to this process, of whatever names.</summary>
    public static bool AreHere => IsThis(Environment.ProcessId, Environment.GetEnvironmentVariable("LISTEN_PID"));

    /// <summary>
    /// The endpoints with their descriptors. One that is asked for by its number or its name is not among those asked for without.
    /// </summary>
    /// <exception cref="InvalidOperationException">A descriptor is asked for twice.</exception>
    public static List<GatewayAddress> Resolve(
        IEnumerable<GatewayAddress> endpoints,
        IReadOnlyCollection<(GatewayProtocol Protocol, string? Name)> systemd,
        Func<string?, IEnumerable<FileHandleEndPoint>> find)
    {
        List<GatewayAddress> all = [.. endpoints, .. Of(systemd.Where(request => request.Name is not null))];
        var named = Descriptors(all).ToHashSet();
        all.AddRange(Of(systemd.Where(request => request.Name is null)).Where(address => !Descriptors([address]).Any(named.Contains)));
        foreach (var twice in Descriptors(all).CountBy(descriptor => descriptor).Where(found => found.Value > 1))
        {
            throw new InvalidOperationException(
                $"Descriptor {twice.Key} is to be listened on {twice.Value} times. It can be once: by fd://{twice.Key}, by ListenSystemd with its name, or by ListenSystemd().");
        }

        return all;

        IEnumerable<GatewayAddress> Of(IEnumerable<(GatewayProtocol Protocol, string? Name)> requests) =>
            requests.SelectMany(request => find(request.Name).Select(endPoint => new GatewayAddress(request.Protocol, endPoint)));

        static IEnumerable<ulong> Descriptors(IEnumerable<GatewayAddress> addresses) =>
            addresses.Select(address => address.EndPoint).OfType<FileHandleEndPoint>().Select(endPoint => endPoint.FileHandle);
    }

    public static IEnumerable<FileHandleEndPoint> Find(string? name) => Find(
        name,
        Environment.ProcessId,
        Environment.GetEnvironmentVariable("LISTEN_PID"),
        Environment.GetEnvironmentVariable("LISTEN_FDS"),
        Environment.GetEnvironmentVariable("LISTEN_FDNAMES"));

    public static IEnumerable<FileHandleEndPoint> Find(string? name, int processId, string? listenPid, string? listenFds, string? listenNames)
    {
        if (!IsThis(processId, listenPid)
            || !int.TryParse(listenFds, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            yield break;
        }

        var names = listenNames?.Split(':') ?? [];
        for (var i = 0; i < count; i++)
        {
            if (name is null || (i < names.Length && names[i] == name))
            {
                yield return new FileHandleEndPoint((ulong)(FirstDescriptor + i), FileHandleType.Auto);
            }
        }
    }

    private static bool IsThis(int processId, string? listenPid) =>
        int.TryParse(listenPid, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid == processId;
}
