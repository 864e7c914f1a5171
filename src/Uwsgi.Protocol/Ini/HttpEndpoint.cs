using System.Net;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Uwsgi.Protocol.Hosting;

namespace Uwsgi.Protocol.Ini;

/// <summary>An endpoint of the app's own Kestrel that the section names.</summary>
/// <param name="EndPoint">Where; <see cref="DnsEndPoint"/> stands for <c>localhost</c>, both families.</param>
/// <param name="Tls">How it speaks TLS; null where it does not.</param>
internal sealed record HttpEndpoint(EndPoint EndPoint, HttpsConnectionAdapterOptions? Tls)
{
    /// <summary>Opens it with the app's Kestrel.</summary>
    public void Open(KestrelServerOptions kestrel) => KestrelSettings.Listen(kestrel, EndPoint, listen =>
    {
        if (Tls is not null)
        {
            listen.UseHttps(Tls);
        }
    });
}
