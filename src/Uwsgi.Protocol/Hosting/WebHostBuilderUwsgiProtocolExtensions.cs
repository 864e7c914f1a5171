using Uwsgi.Protocol;
using Uwsgi.Protocol.Hosting;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Opens endpoints for front ends: nginx <c>uwsgi_pass</c> and its like.</summary>
public static class WebHostBuilderUwsgiProtocolExtensions
{
    /// <summary>
    /// Makes the app ready for front ends without opening an endpoint: those come from URLs (<c>urls=uwsgi://127.0.0.1:3031</c>) or
    /// from <c>listen.UseUwsgi()</c>.
    /// </summary>
    /// <param name="builder">The app's web host. <c>UseKestrel()</c>, where it is called, comes before.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IWebHostBuilder UseUwsgiProtocol(this IWebHostBuilder builder) => builder.UseUwsgiProtocol(static _ => { });

    /// <summary>Answers uwsgi on a TCP port of the loopback address, like nginx's <c>uwsgi_pass 127.0.0.1:3031</c>.</summary>
    /// <param name="builder">The app's web host. <c>UseKestrel()</c>, where it is called, comes before.</param>
    /// <param name="port">The port; 0 for a free one.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Not a port.</exception>
    public static IWebHostBuilder UseUwsgiProtocol(this IWebHostBuilder builder, int port) => GatewayHosting.Use(builder, GatewayProtocol.Uwsgi, port);

    /// <summary>Answers uwsgi on an address written as uWSGI and nginx write it.</summary>
    /// <param name="builder">The app's web host. <c>UseKestrel()</c>, where it is called, comes before.</param>
    /// <param name="address">Such as <c>/run/app.sock</c> or <c>127.0.0.1:3031</c>: see <see cref="UwsgiProtocolOptions.Listen(string, GatewayProtocol?)"/>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="FormatException">The address is none.</exception>
    public static IWebHostBuilder UseUwsgiProtocol(this IWebHostBuilder builder, string address) => GatewayHosting.Use(builder, GatewayProtocol.Uwsgi, address);

    /// <summary>Opens the endpoints that the options name. Calls add up.</summary>
    /// <param name="builder">The app's web host. <c>UseKestrel()</c>, where it is called, comes before.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IWebHostBuilder UseUwsgiProtocol(this IWebHostBuilder builder, Action<UwsgiProtocolOptions> configure) =>
        GatewayHosting.Use(builder, GatewayProtocol.Uwsgi, configure);
}
