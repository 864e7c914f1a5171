using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.ObjectPool;
using Uwsgi.Protocol.Http;

namespace Uwsgi.Protocol.Connections;

/// <inheritdoc/>
internal sealed class GatewayApplication<TContext> : GatewayApplication
    where TContext : notnull
{
    // Requests in flight beyond these are made anew.
    private const int MaxPooled = 1024;

    private readonly IHttpApplication<TContext> _application;
    private readonly ObjectPool<RequestContext<TContext>> _requests;

    public GatewayApplication(IHttpApplication<TContext> application, GatewayRuntime runtime)
        : base(runtime)
    {
        _application = application;
        _requests = new DefaultObjectPool<RequestContext<TContext>>(new Policy(runtime), MaxPooled);
    }

    public override RequestContext Rent() => _requests.Get();

    public override void Return(RequestContext request) => _requests.Return((RequestContext<TContext>)request);

    public override ValueTask<EndReason> RunAsync(RequestContext request, IExchange exchange) =>
        RequestRunner.RunAsync(_application, request, exchange, Runtime);

    private sealed class Policy(GatewayRuntime runtime) : PooledObjectPolicy<RequestContext<TContext>>
    {
        public override RequestContext<TContext> Create() => new(runtime);

        public override bool Return(RequestContext<TContext> obj)
        {
            obj.Reset();
            return true;
        }
    }
}
