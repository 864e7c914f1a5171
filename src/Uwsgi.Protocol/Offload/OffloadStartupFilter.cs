using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Uwsgi.Protocol.Offload;

/// <summary>Puts offloading before everything that the app does.</summary>
internal sealed class OffloadStartupFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.UseOffload();
        next(app);
    };
}
