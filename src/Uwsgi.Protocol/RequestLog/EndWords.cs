using System.Collections.Frozen;
using System.Text;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Requests;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>Why a request ended, in the words of the log and of <c>error.type</c>.</summary>
internal static class EndWords
{
    private static readonly FrozenDictionary<EndReason, byte[]> Reasons = Words<EndReason>();
    private static readonly FrozenDictionary<WireError, byte[]> Errors = Words<WireError>();

    public static ReadOnlySpan<byte> Of(in RequestOutcome outcome) =>
        outcome.Error == WireError.None ? Reasons[outcome.Reason] : Errors[outcome.Error];

    private static FrozenDictionary<T, byte[]> Words<T>()
        where T : struct, Enum => Enum.GetValues<T>().ToFrozenDictionary(word => word, word => Encoding.ASCII.GetBytes(word.ToString()));
}
