using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.ObjectPool;
using Uwsgi.Protocol.Http;

namespace Uwsgi.Protocol.Requests;

/// <summary>Enters the requests of other servers, Kestrel's HTTP for one, into the table. Those of our own server are in it already.</summary>
internal sealed class RequestTracking(RequestTable table)
{
    private readonly ObjectPool<HttpRunningRequest> _requests = new DefaultObjectPool<HttpRunningRequest>(new Policy());

    /// <summary>Tracks what passes here, where somebody wants to know.</summary>
    public static void Use(IApplicationBuilder app)
    {
        var table = app.ApplicationServices.GetRequiredService<RequestTable>();
        if (table.IsWanted)
        {
            app.Use(new RequestTracking(table).Track);
        }
    }

    private RequestDelegate Track(RequestDelegate next) => context =>
        context.Features is RequestContext || context.Features.Get<IGatewayRequestFeature>() is not null ? next(context) : TrackAsync(context, next);

    private async Task TrackAsync(HttpContext context, RequestDelegate next)
    {
        var request = _requests.Get();
        request.Enter(context, table);
        Exception? failure = null;
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            request.Leave(failure);
            _requests.Return(request);
        }
    }

    private sealed class Policy : PooledObjectPolicy<HttpRunningRequest>
    {
        public override HttpRunningRequest Create() => new();

        public override bool Return(HttpRunningRequest obj)
        {
            obj.Reset();
            return true;
        }
    }
}
