namespace Uwsgi.Protocol.LoadBench;

/// <summary>What is spoken to the server.</summary>
internal enum LoadProtocol
{
    Http,
    Uwsgi,
    Scgi,
    FastCgi,
}

internal static class LoadProtocols
{
    public static GatewayProtocol ToGateway(this LoadProtocol protocol) => Enum.Parse<GatewayProtocol>(protocol.ToString());
}
