using Microsoft.AspNetCore.Builder;
using Uwsgi.Protocol;
using Uwsgi.Protocol.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets files leave behind their requests, without a line in the app's pipeline.</summary>
public static class ServiceCollectionOffloadExtensions
{
    /// <summary>Files that are sent leave behind their requests, and paths that are files' are answered, before everything that the app does.</summary>
    /// <param name="services">The app's services.</param>
    /// <param name="configure">Sets the options. Calls add up.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddOffload(this IServiceCollection services, Action<OffloadOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.Configure(configure);
        PipelineStart.AddTo(services, static app => app.UseOffload());
        return services;
    }
}
