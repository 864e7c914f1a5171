using System.Buffers;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>SCGI: a netstring of headers, and a Status header.</summary>
internal sealed class ScgiHeadFormat : HeadFormat
{
    public override GatewayProtocol Protocol => GatewayProtocol.Scgi;

    public override ResponseHeadStyle Style => ResponseHeadStyle.StatusHeader;

    public override bool TryRead(ref ReadOnlySequence<byte> buffer, int maxSize, out RequestHead head, out ReadOnlySequence<byte> variables)
    {
        head = new RequestHead(EndReason.Completed);
        if (buffer.Length < ForeignProtocol.Size && buffer.FirstSpan is [var first, ..] && !char.IsAsciiDigit((char)first))
        {
            // It is not SCGI; a few bytes more tell what it is instead.
            variables = default;
            return false;
        }

        ForeignProtocol.ThrowIfKnown(buffer, "SCGI", "scgi_pass");
        return ScgiNetstringReader.TryRead(ref buffer, maxSize, out variables);
    }

    public override void Load(CgiVariables variables, in ReadOnlySequence<byte> bytes, int maxCount) => variables.LoadScgi(bytes, maxCount);
}
