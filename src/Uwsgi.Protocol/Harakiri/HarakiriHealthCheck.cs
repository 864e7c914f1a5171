using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Uwsgi.Protocol.Harakiri;

/// <summary>How many handlers are stuck, as the health of the app.</summary>
internal sealed class HarakiriHealthCheck(HarakiriMonitor monitor, int degraded, int unhealthy) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var stuck = monitor.Stuck;
        var status = stuck >= unhealthy ? HealthStatus.Unhealthy : stuck >= degraded ? HealthStatus.Degraded : HealthStatus.Healthy;
        var data = new Dictionary<string, object> { ["stuck"] = stuck, ["stuck_total"] = monitor.StuckTotal, ["killed"] = monitor.Killed };
        var description = string.Create(CultureInfo.InvariantCulture, $"Stuck handlers: {stuck}.");
        return Task.FromResult(new HealthCheckResult(status, description, exception: null, data));
    }
}
