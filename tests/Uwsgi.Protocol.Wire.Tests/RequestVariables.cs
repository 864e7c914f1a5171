using System.Buffers;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>Variables as a server has them: loaded from a packet's data.</summary>
internal static class RequestVariables
{
    public static CgiVariables Of(params (string Name, string Value)[] variables) => FromData(WireBytes.Variables(variables));

    public static CgiVariables FromData(params byte[][] pieces)
    {
        var variables = new CgiVariables();
        variables.LoadUwsgi(new ReadOnlySequence<byte>(WireBytes.Concat(pieces)), int.MaxValue);
        return variables;
    }
}
