using System.Reflection;
using Uwsgi.Protocol.Tests.Rules;
using Xunit.Sdk;

namespace Uwsgi.Protocol.Tests.Hosting;

/// <summary>A case of a theory, once for each protocol over each transport that there is here, which come first among its arguments.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class EveryWayAttribute(params object?[] arguments) : DataAttribute
{
    private static readonly GatewayTransport[] Transports =
        OperatingSystem.IsLinux() ? [GatewayTransport.Direct, GatewayTransport.Kestrel] : [GatewayTransport.Kestrel];

    /// <summary>Whether HTTP is among the protocols, as none of them (null): it has Kestrel's transport, whichever ours have.</summary>
    public bool OverHttp { get; init; }

    public override IEnumerable<object?[]> GetData(MethodInfo testMethod)
    {
        IEnumerable<object?[]> ways =
            from protocol in EveryProtocolAttribute.Protocols from transport in Transports select (object?[])[protocol, transport];
        return (OverHttp ? ways.Append([null, GatewayTransport.Auto]) : ways).Select(way => (object?[])[.. way, .. arguments]);
    }
}
