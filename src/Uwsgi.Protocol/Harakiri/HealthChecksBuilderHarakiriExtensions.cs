using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Uwsgi.Protocol.Harakiri;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>A health check of what harakiri cannot mend: handlers that do not come back.</summary>
public static class HealthChecksBuilderHarakiriExtensions
{
    /// <summary>Adds a check of how many handlers are stuck: their requests were ended by <c>app.UseHarakiri()</c>, and they still run.</summary>
    /// <param name="builder">The checks.</param>
    /// <param name="degraded">From so many on, the app is degraded. Defaults to 1.</param>
    /// <param name="unhealthy">From so many on, it is unhealthy. Defaults to 10.</param>
    /// <param name="name">The check's name. Defaults to <c>harakiri</c>.</param>
    /// <param name="tags">Its tags. Defaults to none.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is below 1.</exception>
    public static IHealthChecksBuilder AddHarakiri(
        this IHealthChecksBuilder builder, int degraded = 1, int unhealthy = 10, string name = "harakiri", IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentOutOfRangeException.ThrowIfLessThan(degraded, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(unhealthy, 1);
        builder.Services.TryAddSingleton<HarakiriMonitor>();
        return builder.Add(new HealthCheckRegistration(
            name, services => new HarakiriHealthCheck(services.GetRequiredService<HarakiriMonitor>(), degraded, unhealthy), failureStatus: null, tags));
    }
}
