namespace Uwsgi.Protocol.Transport;

/// <summary>Ids of connections, in the form of Kestrel's: thirteen characters that sort by age.</summary>
internal static class ConnectionIds
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUV";

    // As Kestrel's begin: with the time of the start, so that two runs have different ones.
    private static long _last = TimeProvider.System.GetUtcNow().Ticks;

    public static string Next() => string.Create(13, Interlocked.Increment(ref _last), static (text, id) =>
    {
        for (var i = text.Length - 1; i >= 0; i--)
        {
            text[i] = Digits[(int)(id & 31)];
            id >>= 5;
        }
    });
}
