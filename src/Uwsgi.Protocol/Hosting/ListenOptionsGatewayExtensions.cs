using Microsoft.AspNetCore.Server.Kestrel.Core;
using Uwsgi.Protocol;
using Uwsgi.Protocol.Hosting;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Lets an endpoint of the app's own Kestrel speak all protocols: for TLS, other transports, or limits of its own.</summary>
public static class ListenOptionsGatewayExtensions
{
    /// <summary>
    /// Answers uwsgi, FastCGI and SCGI beside HTTP on this endpoint: the first bytes of each connection tell which. HTTP is Kestrel's own, by
    /// the endpoint's <see cref="ListenOptions.Protocols"/>. The app's web host must have been made ready by <c>UseUwsgiProtocol()</c>.
    /// For TLS, <c>UseHttps()</c> comes before.
    /// </summary>
    /// <param name="listenOptions">The endpoint, such as that of <c>kestrel.ListenAnyIP(8000, listen => listen.UseGateway())</c>.</param>
    /// <returns><paramref name="listenOptions"/>.</returns>
    /// <exception cref="InvalidOperationException"><c>builder.WebHost.UseUwsgiProtocol()</c> was not called.</exception>
    public static ListenOptions UseGateway(this ListenOptions listenOptions) =>
        GatewayHosting.Use(listenOptions, GatewayProtocol.Any, nameof(UseGateway));
}
