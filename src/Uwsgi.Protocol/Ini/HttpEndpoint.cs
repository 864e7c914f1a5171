using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Uwsgi.Protocol.Ini;

/// <summary>An endpoint of the app's own Kestrel that the section names.</summary>
/// <param name="EndPoint">Where; <see cref="DnsEndPoint"/> stands for <c>localhost</c>, both families.</param>
/// <param name="Tls">How it speaks TLS; null where it does not.</param>
internal sealed record HttpEndpoint(EndPoint EndPoint, HttpsConnectionAdapterOptions? Tls)
{
    /// <summary>Opens it with the app's Kestrel.</summary>
    public void Open(KestrelServerOptions kestrel)
    {
        switch (EndPoint)
        {
            case DnsEndPoint localhost:
                kestrel.ListenLocalhost(localhost.Port, Configure);
                break;
            case IPEndPoint any when any.Address.Equals(IPAddress.IPv6Any):
                // Both families, or IPv4 alone where the system has no IPv6.
                kestrel.ListenAnyIP(any.Port, Configure);
                break;
            case FileHandleEndPoint inherited:
                kestrel.ListenHandle(inherited.FileHandle, Configure);
                break;
            default:
                kestrel.Listen(EndPoint, Configure);
                break;
        }
    }

    private void Configure(ListenOptions listen)
    {
        if (Tls is not null)
        {
            listen.UseHttps(Tls);
        }
    }
}
