using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Uwsgi.Protocol.Tests.InMemory;

/// <summary>The least that hosting does: an <see cref="HttpContext"/> that is used again with its request, and a delegate.</summary>
internal sealed class DelegateApplication(RequestDelegate app) : IHttpApplication<HttpContext>
{
    /// <summary>What hosting is told at the end of a request.</summary>
    public Action<HttpContext, Exception?> Disposed { get; set; } = static (_, _) => { };

    /// <summary>What stands in front of the delegate.</summary>
    public Func<HttpContext, RequestDelegate, Task> Processing { get; set; } = static (context, app) => app(context);

    public HttpContext CreateContext(IFeatureCollection contextFeatures)
    {
        var container = (IHostContextContainer<HttpContext>)contextFeatures;
        if (container.HostContext is not DefaultHttpContext context)
        {
            context = new DefaultHttpContext();
            container.HostContext = context;
        }

        context.Initialize(contextFeatures);
        return context;
    }

    public Task ProcessRequestAsync(HttpContext context) => Processing(context, app);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
        Disposed(context, exception);
        ((DefaultHttpContext)context).Uninitialize();
    }
}
