using System.Text;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.FastCgi;

namespace Uwsgi.Protocol.Tests.Harakiri;

/// <summary>A front end that waits for an answer, not for the end of the connection: the handler may never come back.</summary>
internal sealed class KilledPeer(GatewayProtocol protocol, TestConnection connection)
{
    private readonly List<byte> _bytes = [];

    /// <summary>What it has received so far.</summary>
    public byte[] Bytes => [.. _bytes];

    /// <summary>The answer as a whole, without what its protocol puts around it.</summary>
    public async Task<Received> AnswerAsync()
    {
        while (!HasAnswer())
        {
            _bytes.AddRange(await connection.ReadAsync(1));
        }

        return protocol == GatewayProtocol.FastCgi
            ? new FastCgiAnswer(FastCgiRecord.TakeAll([.. _bytes])).Response
            : new Received(Bytes, IsReset: false);
    }

    private bool HasAnswer() => protocol == GatewayProtocol.FastCgi
        ? FastCgiRecord.TakeAll([.. _bytes]).Any(record => record.Type == FastCgiRecord.EndRequest)
        : Encoding.Latin1.GetString(Bytes).Contains("\r\n\r\n", StringComparison.Ordinal);
}
