using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Uwsgi.Protocol.Offload;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets files leave behind their requests, without a line in the app's pipeline.</summary>
public static class OffloadServiceCollectionExtensions
{
    /// <summary>Files that are sent leave behind their requests, and paths that are files' are answered, before everything that the app does.</summary>
    /// <param name="services">The app's services.</param>
    /// <param name="configure">Sets the options. Calls add up.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddOffload(this IServiceCollection services, Action<OffloadOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Transient<IStartupFilter, OffloadStartupFilter>());
        return services;
    }
}
