using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Uwsgi.Protocol.Requests;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>The request log, switched on by services alone.</summary>
internal static class RequestLogServices
{
    public static void Add(IServiceCollection services, Action<UwsgiRequestLogOptions> configure)
    {
        RequestTable.AddTo(services);
        services.Configure(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IRequestListener, RequestLogListener>());
    }
}
