using System.Buffers;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>uwsgi: a packet, and a status line as in HTTP.</summary>
internal sealed class UwsgiHeadFormat : HeadFormat
{
    public override GatewayProtocol Protocol => GatewayProtocol.Uwsgi;

    public override ResponseHeadStyle Style => ResponseHeadStyle.StatusLine;

    public override bool TryRead(ref ReadOnlySequence<byte> buffer, int maxSize, out RequestHead head, out ReadOnlySequence<byte> variables)
    {
        if (UwsgiPacketHeader.TryParse(buffer, out var header)
            && !UwsgiModifier1.IsRequest(header.Modifier1)
            && header.Modifier1 != UwsgiModifier1.Ping)
        {
            ForeignProtocol.ThrowIfKnown(buffer, "uwsgi", "uwsgi_pass");
            throw new WireFormatException(WireError.UnsupportedModifier, $"modifier1 {header.Modifier1} is not available.");
        }

        head = default;
        if (!UwsgiPacketReader.TryRead(ref buffer, maxSize, out header, out variables))
        {
            return false;
        }

        if (header.Modifier1 == UwsgiModifier1.Ping)
        {
            head = new RequestHead(EndReason.Ping);
        }
        else if (variables.IsEmpty)
        {
            throw new WireFormatException(WireError.EmptyPacket);
        }
        else
        {
            head = new RequestHead(EndReason.Completed, header.Modifier1, header.Modifier2);
        }

        return true;
    }

    public override void Load(CgiVariables variables, in ReadOnlySequence<byte> bytes, int maxCount) => variables.LoadUwsgi(bytes, maxCount);
}
