using System.Globalization;
using System.Text;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.FastCgi;

namespace Uwsgi.Protocol.Tests.InMemory;

/// <summary>Requests as nginx sends them by one protocol.</summary>
internal sealed class RequestBytes(GatewayProtocol protocol)
{
    /// <summary>The head of a request, with the variables of nginx's parameter files; those given come behind, where the last one wins; null takes one away.</summary>
    public byte[] Request(string method, string target, params (string Name, string Value)[] variables)
    {
        var question = target.IndexOf('?', StringComparison.Ordinal);
        (string Name, string Value)[] usual =
        [
            ("QUERY_STRING", question < 0 ? "" : target[(question + 1)..]),
            ("REQUEST_METHOD", method),
            ("REQUEST_URI", target),
            ("PATH_INFO", question < 0 ? target : target[..question]),
            ("SERVER_PROTOCOL", "HTTP/1.1"),
            ("REMOTE_ADDR", "192.0.2.7"),
            ("REMOTE_PORT", "51234"),
            ("SERVER_ADDR", "198.51.100.1"),
            ("SERVER_PORT", "80"),
            ("SERVER_NAME", "example.org"),
            ("HTTP_HOST", "example.org"),
            .. variables,
        ];
        var gone = variables.Where(variable => variable.Value is null).Select(variable => variable.Name).ToHashSet();
        return Head([.. usual.Where(variable => !gone.Contains(variable.Name))]);
    }

    public byte[] Get(string target = "/", params (string Name, string Value)[] variables) => [.. Request("GET", target, variables), .. Body("")];

    /// <summary>A request with a body and its length.</summary>
    public byte[] Post(string body, params (string Name, string Value)[] variables) =>
        [.. PostHead(body.Length, variables), .. Body(body)];

    /// <summary>A body, behind its head.</summary>
    public byte[] Body(string body) => protocol == GatewayProtocol.FastCgi
        ? [.. body.Length == 0 ? [] : FastCgiPackets.Stdin(1, body), .. FastCgiPackets.StdinEnd()]
        : Encoding.Latin1.GetBytes(body);

    /// <summary>What the front end makes of all that it received: the answer, without what the protocol puts around it.</summary>
    public Received Answer(Received received) => protocol == GatewayProtocol.FastCgi
        ? new FastCgiAnswer(FastCgiRecord.TakeAll([.. received.Bytes])).Response with { IsReset = received.IsReset }
        : received;

    /// <summary>A request that announces a body.</summary>
    public byte[] PostHead(long length, params (string Name, string Value)[] variables) =>
        Request("POST", "/", [("CONTENT_TYPE", "text/plain"), ("CONTENT_LENGTH", length.ToString(CultureInfo.InvariantCulture)), .. variables]);

    /// <summary>A request whose body has HTTP's chunks around it, as the uWSGI router sends it with <c>--http-chunked-input</c>.</summary>
    public byte[] Chunked(string chunks, params (string Name, string Value)[] variables) =>
        [.. Request("POST", "/", [("HTTP_TRANSFER_ENCODING", "chunked"), .. variables]), .. Encoding.Latin1.GetBytes(chunks)];

    /// <summary>A request for a WebSocket; over FastCGI, its stream has no end yet.</summary>
    public byte[] Upgrade(params (string Name, string Value)[] variables) =>
        Request("GET", "/ws", [("HTTP_CONNECTION", "Upgrade"), ("HTTP_UPGRADE", "websocket"), .. variables]);

    /// <summary>A head with these variables and no others.</summary>
    public byte[] Head(params (string Name, string Value)[] variables) => protocol switch
    {
        GatewayProtocol.Uwsgi => WireBytes.Packet(variables),
        GatewayProtocol.Scgi => ScgiBytes.Request(variables),
        GatewayProtocol.FastCgi => WireBytes.Concat(FastCgiPackets.Begin(keep: false), FastCgiPackets.Params(1, FastCgiBytes.Pairs(variables))),
        _ => throw new InvalidOperationException($"Nobody has said how a front end speaks {protocol}."),
    };
}
