using Uwsgi.Protocol.RequestLog;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.RequestLog;

public class TimeFormatTests
{
    private static readonly DateTimeOffset Time = new(2026, 11, 7, 6, 8, 4, TimeSpan.FromHours(-3.5));

    [Fact]
    public void Ctime_has_a_space_before_a_day_of_one_digit() => Assert.Equal("Sat Nov  7 06:08:04 2026", TimeFormat.Ctime.Format(Time));

    [Fact]
    public void The_common_log_format_has_the_zone() => Assert.Equal("07/Nov/2026:06:08:04 -0330", TimeFormat.Clf.Format(Time));

    // As date(1) prints them with LC_ALL=C.
    [Theory]
    [InlineData("%a %A %b %h %B", "Sat Saturday Nov Nov November")]
    [InlineData("%d %e %j %m %y %Y", "07  7 311 11 26 2026")]
    [InlineData("%H %I %M %S %p", "06 06 08 04 AM")]
    [InlineData("%D %F %R %T %r", "11/07/26 2026-11-07 06:08 06:08:04 06:08:04 AM")]
    [InlineData("%x %X %c", "11/07/26 06:08:04 Sat Nov  7 06:08:04 2026")]
    [InlineData("%s %z %% text", "1794044284 -0330 % text")]
    public void A_format_is_strftimes(string format, string expected) => Assert.Equal(expected, new TimeFormat(format).Format(Time));

    [Theory]
    [InlineData("%Q")]
    [InlineData("%")]
    [InlineData("%Y%")]
    public void What_is_not_known_is_refused(string format) => Assert.Throws<FormatException>(() => new TimeFormat(format));

    [Fact]
    public void A_clock_tells_each_second_its_own_texts()
    {
        var clock = new LogClock(new ManualTimeProvider(), new TimeFormat("%S"));
        Assert.Equal("04"u8.ToArray(), clock.At(Time).Formatted);
        Assert.Same(clock.At(Time), clock.At(Time.AddMilliseconds(999)));
        Assert.Equal("05"u8.ToArray(), clock.At(Time.AddSeconds(1)).Formatted);
        Assert.Equal("04"u8.ToArray(), clock.At(Time).Formatted);
    }
}
