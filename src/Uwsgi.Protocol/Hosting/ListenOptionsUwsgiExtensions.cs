using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
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
    public static ListenOptions UseUwsgi(this ListenOptions listenOptions)
    {
        ArgumentNullException.ThrowIfNull(listenOptions);
        var listener = listenOptions.ApplicationServices.GetService<GatewayListener>() ?? throw new InvalidOperationException(
            "UseUwsgi() needs the app's web host to be ready for it: call builder.WebHost.UseUwsgiProtocol().");
        listener.Add(listenOptions, GatewayProtocol.Uwsgi);
        listenOptions.Run(listener.ExecuteAsync);
        return listenOptions;
    }
}
