using System.Globalization;

namespace Uwsgi.Protocol.Hosting;

/// <summary>How many connections the system lets wait for any listener.</summary>
internal static class SystemBacklog
{
    private const string Path = "/proc/sys/net/core/somaxconn";

    /// <summary>The limit; null where the system does not say.</summary>
    public static int? Limit
    {
        get
        {
            try
            {
                return OperatingSystem.IsLinux() ? int.Parse(File.ReadAllText(Path), CultureInfo.InvariantCulture) : null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
            {
                return null;
            }
        }
    }
}
