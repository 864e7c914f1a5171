using System.Collections.Frozen;
using Microsoft.Net.Http.Headers;

namespace Uwsgi.Protocol.Http;

/// <summary>Response headers that never cross: they speak of a connection that is the front end's, or of framing that is not ours.</summary>
internal static class HopByHop
{
    private static readonly FrozenSet<string> Names = new[]
    {
        HeaderNames.TransferEncoding, HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.ProxyConnection,
        HeaderNames.TE, HeaderNames.Trailer, HeaderNames.Upgrade,
        "Status",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static bool Contains(string header) => Names.Contains(header);
}
