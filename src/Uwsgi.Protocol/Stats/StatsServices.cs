using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Uwsgi.Protocol.Harakiri;
using Uwsgi.Protocol.Offload;
using Uwsgi.Protocol.Requests;

namespace Uwsgi.Protocol.Stats;

/// <summary>The services of the stats.</summary>
internal static class StatsServices
{
    /// <summary>What <c>MapUwsgiStats</c> needs: nothing runs, and no request is counted, until something asks for the stats.</summary>
    public static void AddCore(IServiceCollection services)
    {
        RequestTable.AddTo(services);
        services.TryAddSingleton<HarakiriMonitor>();
        services.TryAddSingleton<OffloadState>();
        services.AddOptions<UwsgiStatsOptions>();
        services.TryAddSingleton<StatsDocument>();
    }

    /// <summary>Serves them on the options' addresses. Calls add up.</summary>
    public static void Add(IServiceCollection services, Action<UwsgiStatsOptions> configure)
    {
        AddCore(services);
        services.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, StatsServer>());
    }
}
