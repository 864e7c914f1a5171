using System.Globalization;
using System.Text;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>A time as C's <c>strftime</c> writes it, in the C locale: uWSGI's options are written for that.</summary>
internal sealed class TimeFormat
{
    /// <summary>As <c>ctime</c>: <c>Sat Nov  7 06:48:34 2026</c>.</summary>
    public static readonly TimeFormat Ctime = new("%a %b %e %H:%M:%S %Y");

    /// <summary>As the Common Log Format has it: <c>07/Nov/2026:06:48:34 +0000</c>.</summary>
    public static readonly TimeFormat Clf = new("%d/%b/%Y:%H:%M:%S %z");

    private readonly string _format;

    /// <param name="format">Text with conversions in it, such as <c>%Y-%m-%d</c>.</param>
    /// <exception cref="FormatException">It has a conversion that is not known here.</exception>
    public TimeFormat(string format)
    {
        _format = format;
        _ = Format(default);
    }

    public string Format(DateTimeOffset time)
    {
        var text = new StringBuilder();
        for (var i = 0; i < _format.Length; i++)
        {
            _ = _format[i] != '%' ? text.Append(_format[i])
                : ++i < _format.Length ? text.Append(Convert(_format[i], time))
                : throw new FormatException($"'{_format}': nothing follows the last %.");
        }

        return text.ToString();
    }

    private string Convert(char conversion, DateTimeOffset time) => conversion switch
    {
        'a' => Net("ddd", time),
        'A' => Net("dddd", time),
        'b' or 'h' => Net("MMM", time),
        'B' => Net("MMMM", time),
        'c' => Ctime.Format(time),
        'd' => Net("dd", time),
        'D' or 'x' => Net("MM/dd/yy", time),
        'e' => Net("%d", time).PadLeft(2),
        'F' => Net("yyyy-MM-dd", time),
        'H' => Net("HH", time),
        'I' => Net("hh", time),
        'j' => time.DayOfYear.ToString("D3", CultureInfo.InvariantCulture),
        'm' => Net("MM", time),
        'M' => Net("mm", time),
        'n' => "\n",
        'p' => Net("tt", time),
        'r' => Net("hh:mm:ss tt", time),
        'R' => Net("HH:mm", time),
        's' => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        'S' => Net("ss", time),
        't' => "\t",
        'T' or 'X' => Net("HH:mm:ss", time),
        'y' => Net("yy", time),
        'Y' => Net("yyyy", time),
        'z' => Net("zzz", time).Replace(":", "", StringComparison.Ordinal),
        '%' => "%",
        _ => throw new FormatException($"'{_format}': %{conversion} is not known here."),
    };

    private static string Net(string format, DateTimeOffset time) => time.ToString(format, CultureInfo.InvariantCulture);
}
