using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Uwsgi.Protocol.Stats;

namespace Uwsgi.Protocol.Hosting;

/// <summary>What the methods that people call have in common, whatever the protocol.</summary>
internal static class GatewayHosting
{
    /// <summary>Opens a TCP port of the loopback address.</summary>
    public static IWebHostBuilder Use(IWebHostBuilder builder, GatewayProtocol protocol, int port)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)port, (uint)ushort.MaxValue, nameof(port));
        return Use(builder, protocol, options => options.Listen(port));
    }

    /// <summary>Opens an address; one that is none is told of at once.</summary>
    public static IWebHostBuilder Use(IWebHostBuilder builder, GatewayProtocol protocol, string address)
    {
        _ = GatewayAddress.Parse(address, protocol);
        return Use(builder, protocol, options => options.Listen(address));
    }

    /// <summary>Sets the options, and puts the server in the place of the app's own.</summary>
    public static IWebHostBuilder Use(IWebHostBuilder builder, GatewayProtocol protocol, Action<UwsgiProtocolOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return builder.ConfigureServices(services =>
        {
            services.Configure<UwsgiProtocolOptions>(options =>
            {
                options.DefaultProtocol = protocol;
                configure(options);
                options.DefaultProtocol = default;
            });
            services.TryAddSingleton<GatewayListener>();
            StatsServices.AddCore(services);
            services.TryAddEnumerable(ServiceDescriptor.Transient<IStartupFilter, ServerPlacementFilter>());
            GatewayServerDescriptor.Decorate(services);
        });
    }

    /// <summary>Lets an endpoint of the app's own Kestrel speak a protocol.</summary>
    public static ListenOptions Use(ListenOptions listenOptions, GatewayProtocol protocol, string method)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        var listener = listenOptions.ApplicationServices.GetService<GatewayListener>() ?? throw new InvalidOperationException(
            $"{method}() needs the app's web host to be ready for it: call builder.WebHost.UseUwsgiProtocol().");
        listener.Add(listenOptions, protocol);
        listenOptions.Use(http => connection => listener.ExecuteAsync(connection, protocol, http));
        return listenOptions;
    }
}
