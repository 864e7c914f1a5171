using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.FunctionalTests.Clients;

/// <summary>What a front end does, in the fewest lines: a head of variables, a body, and an answer until the end.</summary>
internal static class DirectConnection
{
    public const ushort FastCgiRequestId = 7;

    /// <summary>Asks; what is returned is the answer, its head as the protocol writes it. By uwsgi and SCGI it is the connection, in both directions.</summary>
    public static async Task<Stream> OpenAsync(
        WireProtocol protocol, EndPoint server, IEnumerable<(string Name, string Value)> variables, byte[] body, CancellationToken cancellationToken)
    {
        var socket = server is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(server, cancellationToken);
            var stream = new NetworkStream(socket, ownsSocket: true);
            await stream.WriteAsync(Head(protocol, [.. variables]), cancellationToken);
            await WriteBodyAsync(stream, protocol == WireProtocol.FastCgi ? Stdin(body) : body, cancellationToken);
            return protocol == WireProtocol.FastCgi ? new FastCgiStdout(stream) : stream;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task WriteBodyAsync(NetworkStream stream, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(body, cancellationToken);
        }
        catch (IOException)
        {
            // The server has answered without reading it all.
        }
    }

    private static ReadOnlyMemory<byte> Head(WireProtocol protocol, (string Name, string Value)[] variables) => protocol switch
    {
        WireProtocol.Uwsgi => WireBytes.Packet(variables),
        WireProtocol.Scgi => ScgiBytes.Request(variables),
        WireProtocol.FastCgi => Params(variables),
        _ => throw new ArgumentOutOfRangeException(nameof(protocol)),
    };

    private static ReadOnlyMemory<byte> Params((string Name, string Value)[] variables)
    {
        var head = new ArrayBufferWriter<byte>();
        FastCgiRecordWriter.WriteBeginRequest(head, FastCgiRequestId, new FastCgiBeginRequest(FastCgiRole.Responder, KeepConnection: false));
        FastCgiRecordWriter.WriteParams(head, FastCgiRequestId, [.. variables.Select(variable => KeyValuePair.Create(variable.Name, variable.Value))]);
        return head.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> Stdin(byte[] body)
    {
        var records = new ArrayBufferWriter<byte>();
        FastCgiRecordWriter.WriteStream(records, FastCgiRecordType.Stdin, FastCgiRequestId, body);
        FastCgiRecordWriter.WriteStreamEnd(records, FastCgiRecordType.Stdin, FastCgiRequestId);
        return records.WrittenMemory;
    }
}
