using Uwsgi.Protocol;
using Uwsgi.Protocol.Hosting;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Opens endpoints for all protocols: nginx <c>uwsgi_pass</c>, <c>fastcgi_pass</c>, <c>scgi_pass</c> and <c>proxy_pass</c> to one port.</summary>
public static class WebHostBuilderGatewayExtensions
{
    /// <summary>
    /// Answers HTTP, uwsgi, FastCGI and SCGI on one TCP port of the loopback address. HTTP is Kestrel's own, with the limits that the app has set for it.
    /// </summary>
    /// <param name="builder">The app's web host. <c>UseKestrel()</c>, where it is called, comes before.</param>
    /// <param name="port">The port; 0 for a free one.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Not a port.</exception>
    public static IWebHostBuilder UseGateway(this IWebHostBuilder builder, int port) => GatewayHosting.Use(builder, GatewayProtocol.Any, port);

    /// <summary>Answers HTTP, uwsgi, FastCGI and SCGI on an address written as uWSGI and nginx write it.</summary>
    /// <param name="builder">The app's web host. <c>UseKestrel()</c>, where it is called, comes before.</param>
    /// <param name="address">Such as <c>/run/app.sock</c> or <c>127.0.0.1:8000</c>: see <see cref="UwsgiProtocolOptions.Listen(string, GatewayProtocol?)"/>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="FormatException">The address is none.</exception>
    public static IWebHostBuilder UseGateway(this IWebHostBuilder builder, string address) => GatewayHosting.Use(builder, GatewayProtocol.Any, address);

    /// <summary>Opens the endpoints that the options name: for all protocols, unless they name one. Calls add up.</summary>
    /// <param name="builder">The app's web host. <c>UseKestrel()</c>, where it is called, comes before.</param>
    /// <param name="configure">Sets the options; they are those of <c>UseUwsgiProtocol</c>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IWebHostBuilder UseGateway(this IWebHostBuilder builder, Action<UwsgiProtocolOptions> configure) =>
        GatewayHosting.Use(builder, GatewayProtocol.Any, configure);
}
