using System.Reflection;
using Xunit.Sdk;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>A case of a theory, once for each protocol, which comes first among its arguments.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class EveryProtocolAttribute(params object?[] arguments) : DataAttribute
{
    public static IReadOnlyList<GatewayProtocol> Protocols { get; } = [GatewayProtocol.Uwsgi, GatewayProtocol.Scgi, GatewayProtocol.FastCgi];

    public override IEnumerable<object?[]> GetData(MethodInfo testMethod) =>
        Protocols.Select(protocol => (object?[])[protocol, .. arguments]);
}
