using System.Buffers;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>
/// What tells uwsgi and SCGI apart: how the head of a request is taken off a connection, and how a response names its status. All else is one.
/// </summary>
internal abstract class HeadFormat
{
    public static HeadFormat Uwsgi { get; } = new UwsgiHeadFormat();

    public static HeadFormat Scgi { get; } = new ScgiHeadFormat();

    public abstract GatewayProtocol Protocol { get; }

    public abstract ResponseHeadStyle Style { get; }

    public static HeadFormat Of(GatewayProtocol protocol) => protocol switch
    {
        GatewayProtocol.Uwsgi => Uwsgi,
        GatewayProtocol.Scgi => Scgi,
        _ => throw new ArgumentOutOfRangeException(nameof(protocol)),
    };

    /// <summary>Takes one head off the front of the buffer, which is untouched when more bytes are needed.</summary>
    /// <param name="buffer">The bytes.</param>
    /// <param name="maxSize">The most bytes that its variables may have.</param>
    /// <param name="head">What it is, without the request.</param>
    /// <param name="variables">The bytes of its variables.</param>
    /// <exception cref="WireFormatException">It is malformed, too large, or of another protocol.</exception>
    public abstract bool TryRead(ref ReadOnlySequence<byte> buffer, int maxSize, out RequestHead head, out ReadOnlySequence<byte> variables);

    /// <summary>Loads the variables.</summary>
    /// <exception cref="WireFormatException">They are malformed, or too many.</exception>
    public abstract void Load(CgiVariables variables, in ReadOnlySequence<byte> bytes, int maxCount);
}
