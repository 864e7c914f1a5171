using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Http;

namespace Uwsgi.Protocol.Harakiri;

/// <summary>
/// Begins to watch a request. Ours are watched to their last byte, and cost no state machine here; those of other servers until their handler
/// comes back.
/// </summary>
internal sealed class HarakiriMiddleware
{
    private readonly RequestDelegate _next;
    private readonly HarakiriMonitor _monitor;
    private readonly HarakiriOptions _options;

    public HarakiriMiddleware(RequestDelegate next, HarakiriMonitor monitor, HarakiriOptions options)
    {
        (_next, _monitor, _options) = (next, monitor, options);
        monitor.Begin();
    }

    public Task InvokeAsync(HttpContext context)
    {
        var features = context.Features;
        if ((features as RequestContext ?? features.Get<IGatewayRequestFeature>() as RequestContext) is { } request)
        {
            request.BeginWatch(_monitor, _options);
            return _next(context);
        }

        if (features.Get<IHarakiriFeature>() is WatchedRequest watched)
        {
            // Watched since its beginning, by one that stands before: here another time begins to count.
            watched.Use(_options);
            return _next(context);
        }

        return WatchAsync(context);
    }

    private async Task WatchAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        var watched = new WatchedHttpRequest(context, _monitor);
        watched.Begin(_options, _monitor.Now, endpoint);
        try
        {
            var running = _next(context);
            if (!running.IsCompleted)
            {
                watched.OnWaiting();
            }

            await running.ConfigureAwait(false);
            watched.OnReturned(context);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && watched.IsTriggered && !context.Response.HasStarted)
        {
            // It has stopped because it was told to.
            WatchedHttpRequest.Answer(context);
        }
        finally
        {
            watched.End();
        }
    }
}
