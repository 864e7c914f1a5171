using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Uwsgi.Protocol.Connections;

/// <summary>Waits for the bytes that tell which protocol a peer speaks, and leaves them where they are.</summary>
internal sealed class ProtocolReader(ConnectionContext connection, GatewayRuntime runtime) : OpeningReader<Opening>(connection, runtime)
{
    protected override bool TryTake(ref ReadOnlySequence<byte> buffer, out Opening opening)
    {
        var isTold = FirstBytes.TryTell(buffer, out var protocol);
        opening = new Opening(EndReason.HandedOver, protocol);
        return isTold;
    }

    protected override Opening End(EndReason reason) => new(reason, null);
}
