using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Uwsgi.Protocol.Hosting;

namespace Uwsgi.Protocol.Harakiri;

/// <summary>Harakiri without a line in the app: uwsgi.ini switches it on.</summary>
internal static class HarakiriServices
{
    /// <summary>Has every request watched, as the app's <see cref="HarakiriOptions"/> say.</summary>
    public static IServiceCollection AddHarakiri(this IServiceCollection services, Action<HarakiriOptions> configure)
    {
        services.Configure(configure);
        services.TryAddSingleton<HarakiriMonitor>();
        PipelineStart.AddTo(services, static app => app.UseHarakiri());
        return services;
    }
}
