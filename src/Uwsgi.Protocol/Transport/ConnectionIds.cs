using System.Globalization;

namespace Uwsgi.Protocol.Transport;

/// <summary>Ids of connections, in the form of Kestrel's: thirteen characters that sort by age; and of their requests, which have a number behind that.</summary>
internal static class ConnectionIds
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
    private const int Length = 13;

    // As Kestrel's begin: with the time of the start, so that two runs have different ones.
    private static long _last = TimeProvider.System.GetUtcNow().Ticks;

    public static long Next() => Interlocked.Increment(ref _last);

    public static string ToText(long id) => string.Create(Length, id, static (text, id) => Write(text, id));

    /// <summary>The id of a request.</summary>
    public static string ToText(long id, int request) => string.Create(Length + 1 + 8, (id, request), static (text, ids) =>
    {
        Write(text[..Length], ids.id);
        text[Length] = ':';
        _ = ids.request.TryFormat(text[(Length + 1)..], out _, "X8", CultureInfo.InvariantCulture);
    });

    private static void Write(Span<char> text, long id)
    {
        for (var i = text.Length - 1; i >= 0; i--)
        {
            text[i] = Digits[(int)(id & 31)];
            id >>= 5;
        }
    }
}
