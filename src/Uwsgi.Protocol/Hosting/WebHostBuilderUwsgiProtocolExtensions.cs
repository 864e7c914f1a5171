using Microsoft.Extensions.Configuration;
using Uwsgi.Protocol;
using Uwsgi.Protocol.Hosting;
using Uwsgi.Protocol.Ini;

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

    /// <summary>
    /// Does what the section <c>uwsgi</c> of the configuration says: opens its sockets, sets its limits and options, changes the environment
    /// and the working directory. The section comes from <c>builder.Configuration.AddUwsgiIni("uwsgi.ini")</c>, from <c>appsettings.json</c>
    /// (<c>{"uwsgi": {"socket": [":3031"]}}</c>), from the command line (<c>--uwsgi:harakiri=30</c>) or from all of them.
    /// </summary>
    /// <param name="builder">The app's web host. <c>UseKestrel()</c>, where it is called, comes before.</param>
    /// <param name="configuration">The app's configuration, such as <c>builder.Configuration</c>, with all its sources. It is read once, here.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="FormatException">
    /// An option is unknown, not supported or has a value that it cannot have. The message names all that are wrong, with their places.
    /// </exception>
    /// <remarks>
    /// Where the section names a socket for front ends, Kestrel's default HTTP endpoint stays closed: HTTP is open where the section
    /// (<c>http-socket</c>, <c>http</c>, <c>https</c>), <c>urls</c>, <c>Kestrel:Endpoints</c> or <see cref="UwsgiProtocolOptions.ServeHttp"/> asks for it.
    /// </remarks>
    public static IWebHostBuilder UseUwsgiProtocol(this IWebHostBuilder builder, IConfiguration configuration) =>
        UwsgiSectionHosting.Use(builder, configuration);
}
