using Microsoft.AspNetCore.Server.Kestrel.Core;
using Uwsgi.Protocol;
using Uwsgi.Protocol.Hosting;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Lets an endpoint of the app's own Kestrel speak uwsgi: for TLS, other transports, or limits of its own.</summary>
public static class ListenOptionsUwsgiExtensions
{
    /// <summary>
    /// Answers uwsgi instead of HTTP on this endpoint. The app's web host must have been made ready by <c>UseUwsgiProtocol()</c>.
    /// </summary>
    /// <param name="listenOptions">The endpoint, such as that of <c>kestrel.ListenAnyIP(3031, listen => listen.UseUwsgi())</c>.</param>
    /// <returns><paramref name="listenOptions"/>.</returns>
    /// <exception cref="InvalidOperationException"><c>builder.WebHost.UseUwsgiProtocol()</c> was not called.</exception>
    public static ListenOptions UseUwsgi(this ListenOptions listenOptions) =>
        GatewayHosting.Use(listenOptions, GatewayProtocol.Uwsgi, nameof(UseUwsgi));
}
