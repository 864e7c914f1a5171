namespace Uwsgi.Protocol.Tests.InMemory;

/// <summary>Requests as nginx sends them by uwsgi: where the protocol makes no difference, it is the one that tests speak.</summary>
internal static class Packets
{
    private static readonly Requests Uwsgi = new(GatewayProtocol.Uwsgi);

    /// <inheritdoc cref="Requests.Request"/>
    public static byte[] Request(string method, string target, params (string Name, string Value)[] variables) => Uwsgi.Request(method, target, variables);

    public static byte[] Get(string target = "/", params (string Name, string Value)[] variables) => Uwsgi.Get(target, variables);

    /// <inheritdoc cref="Requests.Post"/>
    public static byte[] Post(string body, params (string Name, string Value)[] variables) => Uwsgi.Post(body, variables);

    /// <inheritdoc cref="Requests.PostHead"/>
    public static byte[] PostHead(long length, params (string Name, string Value)[] variables) => Uwsgi.PostHead(length, variables);

    /// <inheritdoc cref="Requests.Chunked"/>
    public static byte[] Chunked(string chunks, params (string Name, string Value)[] variables) => Uwsgi.Chunked(chunks, variables);

    /// <inheritdoc cref="Requests.Upgrade"/>
    public static byte[] Upgrade(params (string Name, string Value)[] variables) => Uwsgi.Upgrade(variables);
}
