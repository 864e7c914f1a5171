using Microsoft.AspNetCore.Server.Kestrel.Core;
using Uwsgi.Protocol;
using Uwsgi.Protocol.Hosting;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Lets an endpoint of the app's own Kestrel speak FastCGI: for TLS, other transports, or limits of its own.</summary>
public static class ListenOptionsFastCgiExtensions
{
    /// <summary>
    /// Answers FastCGI instead of HTTP on this endpoint. The app's web host must have been made ready by <c>UseUwsgiProtocol()</c>.
    /// </summary>
    /// <param name="listenOptions">The endpoint, such as that of <c>kestrel.ListenAnyIP(9000, listen => listen.UseFastCgi())</c>.</param>
    /// <returns><paramref name="listenOptions"/>.</returns>
    /// <exception cref="InvalidOperationException"><c>builder.WebHost.UseUwsgiProtocol()</c> was not called.</exception>
    public static ListenOptions UseFastCgi(this ListenOptions listenOptions) =>
        GatewayHosting.Use(listenOptions, GatewayProtocol.FastCgi, nameof(UseFastCgi));
}
