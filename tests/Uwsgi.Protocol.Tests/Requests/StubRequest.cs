using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Requests;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Tests.Requests;

/// <summary>A request that is nothing but its variables.</summary>
internal sealed class StubRequest : IRunningRequest
{
    public StubRequest(params (string Name, string Value)[] variables) => Load(variables);

    public GatewayProtocol? Protocol => GatewayProtocol.Uwsgi;

    public CgiVariables Variables { get; } = new();

    public bool IsStatic { get; set; }

    public IFeatureCollection Features { get; } = new FeatureCollection();

    public void Load(params (string Name, string Value)[] variables) =>
        Variables.LoadUwsgi(new(WireBytes.Packet(variables).AsMemory(UwsgiPacketHeader.Size)), maxCount: 100);
}
