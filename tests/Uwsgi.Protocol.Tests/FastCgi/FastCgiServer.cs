using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.FastCgi;

/// <summary>Makes servers that speak FastCGI, and connections to them.</summary>
internal static class FastCgiServer
{
    public static InMemoryServer Create(RequestDelegate app, Action<UwsgiProtocolOptions>? configure = null) =>
        new(app, configure) { Protocol = GatewayProtocol.FastCgi };

    public static FastCgiPeer Open(this InMemoryServer server, params byte[][] pieces) => new(server.Connect(WireBytes.Concat(pieces)));
}
