using System.Globalization;
using System.Text;

namespace Uwsgi.Protocol.Http;

/// <summary>The Date header's line, made once a second.</summary>
internal sealed class DateHeader(TimeProvider time)
{
    private Entry _entry = new(0, []);

    public ReadOnlySpan<byte> Line
    {
        get
        {
            var now = time.GetUtcNow();
            var second = now.Ticks / TimeSpan.TicksPerSecond;
            var entry = Volatile.Read(ref _entry);
            if (entry.Second != second)
            {
                entry = new Entry(second, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Date: {now:R}\r\n")));
                Volatile.Write(ref _entry, entry);
            }

            return entry.Bytes;
        }
    }

    private sealed record Entry(long Second, byte[] Bytes);
}
