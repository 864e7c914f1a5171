using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Uwsgi.Protocol.Hosting;

/// <summary>Puts a feature before everything that the app does: that is how services alone switch it on.</summary>
internal sealed class PipelineStart : IStartupFilter
{
    private readonly Action<IApplicationBuilder> _use;

    private PipelineStart(Action<IApplicationBuilder> use) => _use = use;

    /// <summary>Has the app's pipeline begin with a feature, once, however often it is asked for.</summary>
    public static void AddTo(IServiceCollection services, Action<IApplicationBuilder> use)
    {
        if (!services.Any(service => service.ImplementationInstance is PipelineStart other && other._use == use))
        {
            services.AddSingleton<IStartupFilter>(new PipelineStart(use));
        }
    }

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        _use(app);
        next(app);
    };
}
