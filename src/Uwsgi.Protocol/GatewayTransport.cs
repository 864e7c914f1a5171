namespace Uwsgi.Protocol;

/// <summary>What carries the connections of <c>UseUwsgiProtocol</c>, <c>UseScgi</c>, <c>UseFastCgi</c> and <c>UseGateway</c>.</summary>
public enum GatewayTransport
{
    /// <summary><see cref="Direct"/> on Linux, <see cref="Kestrel"/> elsewhere.</summary>
    Auto,

    /// <summary>
    /// Sockets without pipes between (Linux): a thread takes a connection and runs the request on it until the app waits for something. An app
    /// that blocks its thread blocks no other connection: other threads take over.
    /// </summary>
    Direct,

    /// <summary>Kestrel's socket transport, as for its HTTP endpoints. Front ends open a connection for each request, which costs more here.</summary>
    Kestrel,
}
