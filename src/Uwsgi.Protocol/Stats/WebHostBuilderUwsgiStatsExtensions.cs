using Uwsgi.Protocol;
using Uwsgi.Protocol.Hosting;
using Uwsgi.Protocol.Stats;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Serves uWSGI's stats: to <c>uwsgitop</c>, to Prometheus' and other collectors of uWSGI, to netcat.</summary>
public static class WebHostBuilderUwsgiStatsExtensions
{
    /// <summary>Serves them on a TCP port of the loopback address, like uWSGI's <c>--stats 127.0.0.1:9191</c>.</summary>
    /// <param name="builder">The app's web host.</param>
    /// <param name="port">The port; 0 for a free one, which is logged.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Not a port.</exception>
    public static IWebHostBuilder UseUwsgiStats(this IWebHostBuilder builder, int port)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)port, (uint)ushort.MaxValue, nameof(port));
        return builder.UseUwsgiStats($"127.0.0.1:{port}");
    }

    /// <summary>Serves them on an address: <c>127.0.0.1:9191</c>, or a unix socket's path.</summary>
    /// <param name="builder">The app's web host.</param>
    /// <param name="address">See <see cref="UwsgiStatsOptions.Addresses"/>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="FormatException">The address is none.</exception>
    public static IWebHostBuilder UseUwsgiStats(this IWebHostBuilder builder, string address)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(address);
        _ = GatewayAddress.ParseEndPoint(address);
        return builder.UseUwsgiStats(options => options.Addresses.Add(address));
    }

    /// <summary>Serves them as the options say. Calls add up.</summary>
    /// <param name="builder">The app's web host.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IWebHostBuilder UseUwsgiStats(this IWebHostBuilder builder, Action<UwsgiStatsOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return builder.ConfigureServices(services => StatsServices.Add(services, configure));
    }
}
