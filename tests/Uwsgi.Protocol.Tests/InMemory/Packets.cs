namespace Uwsgi.Protocol.Tests.InMemory;

/// <summary>Requests as nginx sends them by uwsgi: where the protocol makes no difference, it is the one that tests speak.</summary>
internal static class Packets
{
    private static readonly RequestBytes Uwsgi = new(GatewayProtocol.Uwsgi);

    /// <inheritdoc cref="RequestBytes.Request"/>
    public static byte[] Request(string method, string target, params (string Name, string Value)[] variables) => Uwsgi.Request(method, target, variables);

    public static byte[] Get(string target = "/", params (string Name, string Value)[] variables) => Uwsgi.Get(target, variables);

    /// <inheritdoc cref="RequestBytes.Post"/>
    public static byte[] Post(string body, params (string Name, string Value)[] variables) => Uwsgi.Post(body, variables);

    /// <inheritdoc cref="RequestBytes.PostHead"/>
    public static byte[] PostHead(long length, params (string Name, string Value)[] variables) => Uwsgi.PostHead(length, variables);

    /// <inheritdoc cref="RequestBytes.Chunked"/>
    public static byte[] Chunked(string chunks, params (string Name, string Value)[] variables) => Uwsgi.Chunked(chunks, variables);

    /// <inheritdoc cref="RequestBytes.Upgrade"/>
    public static byte[] Upgrade(params (string Name, string Value)[] variables) => Uwsgi.Upgrade(variables);
}
