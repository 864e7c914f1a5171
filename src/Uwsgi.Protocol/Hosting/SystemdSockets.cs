using System.Globalization;
using Microsoft.AspNetCore.Connections;

namespace Uwsgi.Protocol.Hosting;

/// <summary>The sockets that systemd hands to a process it starts.</summary>
/// <remarks>sd_listen_fds(3): LISTEN_PID is this process, LISTEN_FDS how many, from descriptor 3 on, LISTEN_FDNAMES their names.</remarks>
internal static class SystemdSockets
{
    private const int FirstDescriptor = 3;

    public static IEnumerable<FileHandleEndPoint> Find(string? name) => Find(
        name,
        Environment.ProcessId,
        Environment.GetEnvironmentVariable("LISTEN_PID"),
        Environment.GetEnvironmentVariable("LISTEN_FDS"),
        Environment.GetEnvironmentVariable("LISTEN_FDNAMES"));

    public static IEnumerable<FileHandleEndPoint> Find(string? name, int processId, string? listenPid, string? listenFds, string? listenNames)
    {
        if (!int.TryParse(listenPid, NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
            || pid != processId
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
}
