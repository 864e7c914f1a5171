using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;

namespace Uwsgi.Protocol.Hosting;

/// <summary>The registration of the server that stands in the place of the app's own.</summary>
internal sealed class GatewayServerDescriptor : ServiceDescriptor
{
    // The container disposes our server alone. The other is then ours to dispose, where it was made for us; an instance is whose it was.
    private GatewayServerDescriptor(Func<IServiceProvider, IServer?> inner, bool ownsInner)
        : base(typeof(IServer), services => new GatewayServer(inner(services), ownsInner, services), ServiceLifetime.Singleton)
    {
    }

    /// <summary>
    /// Puts the server in the place of the last one registered, which is the one that hosting takes. Where none is registered, front ends
    /// are all that is served. Done once, but again when another server has been registered since.
    /// </summary>
    public static void Decorate(IServiceCollection services)
    {
        for (var i = services.Count - 1; i >= 0; i--)
        {
            var descriptor = services[i];
            if (descriptor.ServiceType != typeof(IServer) || descriptor.IsKeyedService)
            {
                continue;
            }

            if (descriptor is not GatewayServerDescriptor)
            {
                services[i] = new GatewayServerDescriptor(provider => Create(descriptor, provider), descriptor.ImplementationInstance is null);
                RemoveEarlier(services, i);
            }

            return;
        }

        services.Add(new GatewayServerDescriptor(static _ => null, ownsInner: false));
    }

    // One of ours in front of a server registered later is not the one that hosting takes any more.
    private static void RemoveEarlier(IServiceCollection services, int index)
    {
        for (var i = index - 1; i >= 0; i--)
        {
            if (services[i] is GatewayServerDescriptor)
            {
                services.RemoveAt(i);
            }
        }
    }

    private static IServer Create(ServiceDescriptor descriptor, IServiceProvider services)
    {
        if (descriptor.ImplementationInstance is IServer instance)
        {
            return instance;
        }

        return (IServer)(descriptor.ImplementationFactory is { } factory
            ? factory(services)
            : ActivatorUtilities.CreateInstance(services, TypeOf(descriptor)));
    }

    [return: DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)]
    private static Type TypeOf(ServiceDescriptor descriptor) =>
        descriptor.ImplementationType ?? throw new InvalidOperationException("The registered server has no implementation.");
}
