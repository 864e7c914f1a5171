using System.Text;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>The beginnings of requests as text, in local time: made once a second, not once a request.</summary>
/// <param name="time">Whose time zone counts.</param>
/// <param name="format">The one of <see cref="Texts.Formatted"/>.</param>
internal sealed class LogClock(TimeProvider time, TimeFormat format)
{
    private volatile Texts? _last;

    public Texts At(DateTimeOffset started)
    {
        var second = started.ToUnixTimeSeconds();
        if (_last is { } last && last.Second == second)
        {
            return last;
        }

        var local = TimeZoneInfo.ConvertTime(started, time.LocalTimeZone);
        return _last = new Texts(second, Bytes(TimeFormat.Ctime, local), Bytes(TimeFormat.Clf, local), Bytes(format, local));
    }

    private static byte[] Bytes(TimeFormat format, DateTimeOffset local) => Encoding.UTF8.GetBytes(format.Format(local));

    internal sealed record Texts(long Second, byte[] Ctime, byte[] Clf, byte[] Formatted);
}
