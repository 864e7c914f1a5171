using System.Buffers;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>The same variables in each protocol, and the way into <see cref="CgiVariables"/> that goes with it.</summary>
internal static class RequestHead
{
    public static string[] Protocols { get; } = [FrontEndCapture.Uwsgi, FrontEndCapture.FastCgi, FrontEndCapture.Scgi];

    /// <summary>Variables as a block: a packet's data, name-value pairs, or headers.</summary>
    public static byte[] BlockOf(string protocol, params (string Name, string Value)[] variables) => protocol switch
    {
        FrontEndCapture.Uwsgi => WireBytes.Variables(variables),
        FrontEndCapture.FastCgi => FastCgiBytes.Pairs(variables),
        _ => ScgiBytes.Headers(variables),
    };

    /// <summary>A block as it goes over the wire.</summary>
    public static byte[] Frame(string protocol, byte[] block) => protocol switch
    {
        FrontEndCapture.Uwsgi => WireBytes.Packet(0, 0, block),
        FrontEndCapture.FastCgi => WireBytes.Concat(FastCgiBytes.Record(4, 1, block, paddingLength: 3), FastCgiBytes.Header(4, 1, 0)),
        _ => ScgiBytes.Netstring(block),
    };

    public static void Load(this CgiVariables variables, string protocol, in ReadOnlySequence<byte> block, int maxCount)
    {
        switch (protocol)
        {
            case FrontEndCapture.Uwsgi:
                variables.LoadUwsgi(block, maxCount);
                break;
            case FrontEndCapture.FastCgi:
                variables.LoadFastCgi(block, maxCount);
                break;
            default:
                variables.LoadScgi(block, maxCount);
                break;
        }
    }
}
