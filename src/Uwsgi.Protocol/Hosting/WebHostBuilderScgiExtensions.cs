using Uwsgi.Protocol;
using Uwsgi.Protocol.Hosting;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Opens endpoints for front ends that speak SCGI: nginx <c>scgi_pass</c> and its like.</summary>
public static class WebHostBuilderScgiExtensions
{
    /// <summary>Answers SCGI on a TCP port of the loopback address, like nginx's <c>scgi_pass 127.0.0.1:4000</c>.</summary>
    /// <param name="builder">The app's web host. <c>UseKestrel()</c>, where it is called, comes before.</param>
    /// <param name="port">The port; 0 for a free one.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Not a port.</exception>
    public static IWebHostBuilder UseScgi(this IWebHostBuilder builder, int port) => GatewayHosting.Use(builder, GatewayProtocol.Scgi, port);

    /// <summary>Answers SCGI on an address written as uWSGI and nginx write it.</summary>
    /// <param name="builder">The app's web host. <c>UseKestrel()</c>, where it is called, comes before.</param>
    /// <param name="address">Such as <c>/run/app.sock</c> or <c>127.0.0.1:4000</c>: see <see cref="UwsgiProtocolOptions.Listen(string, GatewayProtocol?)"/>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="FormatException">The address is none.</exception>
    public static IWebHostBuilder UseScgi(this IWebHostBuilder builder, string address) => GatewayHosting.Use(builder, GatewayProtocol.Scgi, address);

    /// <summary>Opens the endpoints that the options name: SCGI's, unless they name another protocol. Calls add up.</summary>
    /// <param name="builder">The app's web host. <c>UseKestrel()</c>, where it is called, comes before.</param>
    /// <param name="configure">Sets the options; they are those of <c>UseUwsgiProtocol</c>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IWebHostBuilder UseScgi(this IWebHostBuilder builder, Action<UwsgiProtocolOptions> configure) =>
        GatewayHosting.Use(builder, GatewayProtocol.Scgi, configure);
}
