using Microsoft.AspNetCore.Hosting.Server.Abstractions;
using Uwsgi.Protocol.Connections;

namespace Uwsgi.Protocol.Http;

/// <summary>A request with room for what hosting keeps about it, so that an <c>HttpContext</c> is used again with it.</summary>
internal sealed class RequestContext<TContext>(GatewayRuntime runtime) : RequestContext(runtime), IHostContextContainer<TContext>
    where TContext : notnull
{
    TContext? IHostContextContainer<TContext>.HostContext { get; set; }
}
