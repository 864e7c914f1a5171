using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.RequestLog;
using Uwsgi.Protocol.Requests;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Tests.RequestLog;

public partial class LineWriterTests
{
    private const string Recipe = """%(addr) - %(user) [%(ltime)] "%(method) %(uri) %(proto)" %(status) %(size) "%(referer)" "%(uagent)" """;

    private static readonly DateTimeOffset Started = new DateTimeOffset(2026, 11, 21, 16, 42, 44, TimeSpan.Zero).AddTicks(6_789_580);

    [Fact]
    public void The_default_line_is_uwsgis_byte_for_byte() =>
        // What uWSGI 2.0.21 wrote, but for its pid, the variables, and that an app has had the request.
        Assert.Equal(
            $"[pid: {Environment.ProcessId}|app: 0|req: 5/7] 127.0.0.1 () {{8 vars in 95 bytes}} [Sat Nov 21 16:42:44 2026] GET /a/b?c=d => generated 9 bytes in 3 msecs (HTTP/1.1 404) 2 headers in 71 bytes (1 switches on core 0)",
            Render(
                null,
                [("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/a/b?c=d"), ("REMOTE_ADDR", "127.0.0.1"), ("SERVER_PROTOCOL", "HTTP/1.1")],
                new() { Reason = EndReason.Completed, StatusCode = 404, HeaderCount = 2, HeadSize = 71, BodySize = 9 }));

    [Fact]
    public void A_request_that_nobody_could_read_has_the_reduced_line_of_uwsgi() =>
        Assert.Equal(
            $"[pid: {Environment.ProcessId}|app: -1|req: -1/7] 0.0.0.0 () {{0 vars in 0 bytes}} [Sat Nov 21 16:42:44 2026] - - => generated 0 bytes in 3 msecs (- 431) 0 headers in 0 bytes (0 switches on core 0)",
            Render(
                null,
                [],
                new() { Reason = EndReason.Malformed, Error = WireError.PacketTooLarge, StatusCode = 431 },
                EndedRequest.NoSlot));

    /// <summary>What uWSGI 2.0.21 wrote of a file of static-map, without offload-threads and with them.</summary>
    [Theory]
    [InlineData(FileDelivery.Sendfile, " via sendfile()")]
    [InlineData(FileDelivery.Offload, " via offload()")]
    [InlineData(FileDelivery.None, "")]
    internal void A_line_says_how_a_file_went(FileDelivery delivery, string via)
    {
        (string, string)[] variables = [("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/static/f.bin"), ("REMOTE_ADDR", "127.0.0.1"), ("SERVER_PROTOCOL", "HTTP/1.1")];
        var outcome = new RequestOutcome { Reason = EndReason.Completed, StatusCode = 200, HeaderCount = 3, HeadSize = 127, BodySize = 5000, Delivery = delivery };
        Assert.Equal(
            $"[pid: {Environment.ProcessId}|app: -1|req: -1/7] 127.0.0.1 () {{8 vars in 100 bytes}} [Sat Nov 21 16:42:44 2026] GET /static/f.bin => generated 5000 bytes in 3 msecs{via} (HTTP/1.1 200) 3 headers in 127 bytes (0 switches on core 0)",
            Render(null, variables, outcome with { IsStatic = true }));

        // The app has had it, and has sent it (wsgi.file_wrapper).
        var line = Render(null, variables, outcome);
        Assert.Contains("|app: 0|req: 5/7] ", line, StringComparison.Ordinal);
        Assert.Contains($" msecs{via} (HTTP/1.1 200) ", line, StringComparison.Ordinal);
        Assert.Matches(DefaultLine(), line);
        Assert.Contains($" micros{via} (HTTP/1.1 200) ", Render(null, variables, outcome, isInMicroseconds: true), StringComparison.Ordinal);
    }

    [Fact]
    public void Microseconds_are_told_where_they_are_asked_for() =>
        Assert.Contains(" bytes in 3210 micros (", Render(null, [], isInMicroseconds: true), StringComparison.Ordinal);

    [Fact]
    public void The_common_recipe_makes_the_line_that_uwsgi_makes() =>
        Assert.Equal(
            """127.0.0.1 - - [21/Nov/2026:16:42:44 +0000] "GET /a/b?c=d HTTP/1.1" 404 80 "-" "curl/7.88.1" """,
            Render(
                LogFormat.Parse(Recipe),
                [("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/a/b?c=d"), ("REMOTE_ADDR", "127.0.0.1"), ("SERVER_PROTOCOL", "HTTP/1.1"), ("HTTP_USER_AGENT", "curl/7.88.1")],
                new() { Reason = EndReason.Completed, StatusCode = 404, HeaderCount = 2, HeadSize = 71, BodySize = 9 }));

    [Theory]
    [InlineData("%(user) %(host) %(referer)", "me example.org http://a/")]
    [InlineData("%(rsize) %(hsize) %(size) %(headers) %(status)", "9 71 80 2 200")]
    [InlineData("%(cl)", "12")]
    [InlineData("%(msecs) %(micros) %(secs)", "3 3210 0.003210")]
    [InlineData("%(time) %(tmsecs) %(tmicros)", "1795279364 1795279364678 1795279364678958")]
    [InlineData("%(ctime)|%(ltime)|%(ftime)", "Sat Nov 21 16:42:44 2026|21/Nov/2026:16:42:44 +0000|16h42")]
    [InlineData("%(epoch)", "1767323105")]
    [InlineData("%(core) %(wid) %(switches)", "5 1 1")]
    [InlineData("%(werr) %(rerr) %(ioerr) %(end)", "1 0 1 Completed")]
    [InlineData("%(modifier1) %(modifier2)", "0 0")]
    [InlineData("%(var.HTTP_HOST) %(var.HTTP_NONE) %(tenant)", "example.org - -")]
    [InlineData("100%% of %(", "100%% of %(")]
    public void A_variable_says(string format, string expected) =>
        Assert.Equal(expected, Render(
            LogFormat.Parse(format),
            [("REMOTE_USER", "me"), ("HTTP_HOST", "example.org"), ("HTTP_REFERER", "http://a/"), ("CONTENT_LENGTH", "12")],
            new() { Reason = EndReason.Completed, StatusCode = 200, HeaderCount = 2, HeadSize = 71, BodySize = 9, HasWriteError = true },
            slot: 5));

    [Fact]
    public void The_process_says_its_memory()
    {
        var text = Render(LogFormat.Parse("%(rss) %(vsz) %(rssM) %(vszM)"), []);
        var numbers = text.Split(' ').Select(long.Parse).ToArray();
        Assert.InRange(numbers[0], 1_000_000, numbers[1]);
        Assert.Equal(numbers[0] / 1024 / 1024, numbers[2]);
        Assert.Equal(numbers[1] / 1024 / 1024, numbers[3]);
    }

    [Theory]
    [InlineData(EndReason.Completed, 204, 204)]
    [InlineData(EndReason.Upgraded, 101, 101)]
    [InlineData(EndReason.PeerGone, 200, 499)]
    [InlineData(EndReason.Harakiri, 200, 504)]
    [InlineData(EndReason.Harakiri, 504, 504)]
    [InlineData(EndReason.AppFailed, 200, 500)]
    [InlineData(EndReason.ResponseTooShort, 206, 500)]
    [InlineData(EndReason.AppAborted, 0, 500)]
    [InlineData(EndReason.WriteCanceled, 200, 500)]
    [InlineData(EndReason.AppFailed, 503, 503)]
    [InlineData(EndReason.TooManyRequests, 503, 503)]
    [InlineData(EndReason.Malformed, 0, 0)]
    internal void The_status_tells_of_an_end_that_was_not_in_order(EndReason reason, int sent, int logged) =>
        Assert.Equal(logged, LoggedStatus.Of(new RequestOutcome { Reason = reason, StatusCode = sent }));

    [Fact]
    public void The_last_forwarded_address_is_the_clients_where_that_is_asked_for()
    {
        (string, string)[] variables = [("REMOTE_ADDR", "10.0.0.1"), ("HTTP_X_FORWARDED_FOR", "203.0.113.9, 192.0.2.7")];
        Assert.Equal("10.0.0.1", Render(LogFormat.Parse("%(addr)"), variables));
        Assert.Equal("192.0.2.7", Render(LogFormat.Parse("%(addr)"), variables, usesForwardedFor: true));
        Assert.Equal("10.0.0.1", Render(LogFormat.Parse("%(addr)"), variables[..1], usesForwardedFor: true));
    }

    [Fact]
    [Trait("Guards", "log lines cannot be forged")]
    public void Every_byte_leaves_the_line_one_line_of_fields_that_are_told_apart()
    {
        for (var b = 0; b < 256; b++)
        {
            var value = Encoding.Latin1.GetString([(byte)'a', (byte)b, (byte)'z']);
            var line = Render(null, Everywhere(value));
            Assert.True(DefaultLine().IsMatch(line), line);
            Assert.All(line, character => Assert.InRange(character, ' ', '~'));
            var recipe = Render(LogFormat.Parse(Recipe), Everywhere(value));
            Assert.True(RecipeLine().IsMatch(recipe), recipe);
            Assert.Equal(b is >= '!' and <= '~' and not ('"' or '\\'), line.Contains($" a{(char)b}z => ", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("a) {1 vars in 1 bytes} [x] GET /forged => generated 1 bytes in 1 msecs (HTTP/1.1 200) 1 headers in 1 bytes (1 switches on core 0)\n[pid: 1|app: 0|req: 1/1] 6.6.6.6 (")]
    [InlineData("x\" 200 1 \"-\" \"-\"\r\n6.6.6.6 - - [")]
    [InlineData("\u001b[2J\u009b31m\u202e")]
    public void A_forged_line_stays_a_field(string value)
    {
        var line = Render(null, Everywhere(value));
        var match = DefaultLine().Match(line);
        Assert.True(match.Success, line);
        Assert.Equal("404", match.Groups["status"].Value);
        Assert.All(line, character => Assert.InRange(character, ' ', '~'));
        Assert.Matches(RecipeLine(), Render(LogFormat.Parse(Recipe), Everywhere(value)));
    }

    [Theory]
    [InlineData(LineText.MaxText - 1, "")]
    [InlineData(LineText.MaxText, "")]
    [InlineData(LineText.MaxText + 1, "...")]
    [InlineData(60_000, "...")]
    public void A_long_text_is_cut_and_says_so(int length, string end) =>
        Assert.Equal(
            new string('a', Math.Min(length, LineText.MaxText)) + end,
            Render(LogFormat.Parse("%(uri)"), [("REQUEST_URI", new string('a', length))]));

    /// <summary>A default line is written without looking whether each of its pieces fits: there is room for the longest of each.</summary>
    [Theory]
    [InlineData(LineText.MaxText - 1, "")]
    [InlineData(LineText.MaxText, "")]
    [InlineData(LineText.MaxText + 1, "...")]
    public void The_longest_default_line_is_whole(int length, string end)
    {
        var text = string.Concat(Enumerable.Repeat(@"\x01", Math.Min(length, LineText.MaxText))) + end;
        Assert.Equal(
            $"[pid: {Environment.ProcessId}|app: 0|req: {long.MinValue}/{long.MinValue}] {text} ({text}) {{14 vars in {(7 * (length + 4)) + 89} bytes}} [Sat Nov 21 16:42:44 2026] {text} {text} => generated {long.MinValue} bytes in {TimeSpan.MaxValue.Ticks / 10} micros via sendfile() ({text} {int.MinValue}) {int.MinValue} headers in {int.MinValue} bytes (1 switches on core {int.MaxValue})",
            Render(
                null,
                Everywhere(new string('\x01', length)),
                new()
                {
                    Reason = EndReason.Completed,
                    StatusCode = int.MinValue,
                    HeaderCount = int.MinValue,
                    HeadSize = int.MinValue,
                    BodySize = long.MinValue,
                    Delivery = FileDelivery.Sendfile,
                },
                int.MaxValue,
                isInMicroseconds: true,
                number: long.MinValue,
                duration: TimeSpan.MaxValue));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(999)]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(-1)]
    [InlineData(-10)]
    [InlineData(long.MaxValue)]
    public void A_number_is_what_it_is(long number)
    {
        var line = new LineBuffer();
        line.Append(number);
        line.Append(" "u8);
        line.Append(number);
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"{number} {number}"), Encoding.UTF8.GetString(line.Written));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(Recipe)]
    public void A_line_costs_no_memory(string? format)
    {
        using var request = new Sample([("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/a/b?c=d"), ("REMOTE_ADDR", "127.0.0.1"), ("SERVER_PROTOCOL", "HTTP/1.1")]);
        var writer = New(format is null ? null : LogFormat.Parse(format));
        var line = new LineBuffer();
        request.Write(writer, line);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            line.Clear();
            request.Write(writer, line);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static (string, string)[] Everywhere(string value) =>
    [
        ("REQUEST_METHOD", value), ("REQUEST_URI", value), ("REMOTE_ADDR", value), ("REMOTE_USER", value),
        ("SERVER_PROTOCOL", value), ("HTTP_USER_AGENT", value), ("HTTP_REFERER", value),
    ];

    private static string Render(
        LogSegment[]? segments, (string, string)[] variables, RequestOutcome? outcome = null, int slot = 0, bool usesForwardedFor = false, bool isInMicroseconds = false, long? number = null, TimeSpan? duration = null)
    {
        using var request = new Sample(variables)
        {
            Number = number ?? 7,
            AppNumber = number ?? 5,
            Duration = duration ?? TimeSpan.FromMicroseconds(3210),
            Outcome = outcome ?? new() { Reason = EndReason.Completed, StatusCode = 404, HeaderCount = 2, HeadSize = 71, BodySize = 9 },
            Slot = slot,
        };
        var line = new LineBuffer();
        request.Write(New(segments, usesForwardedFor, isInMicroseconds), line);
        return Encoding.UTF8.GetString(line.Written);
    }

    private static ILineWriter New(LogSegment[]? segments, bool usesForwardedFor = false, bool isInMicroseconds = false)
    {
        var time = new ManualTimeProvider();
        var clock = new LogClock(time, new TimeFormat("%Hh%M"));
        var address = new ClientAddress(usesForwardedFor);
        return segments is null ? new DefaultLine(clock, isInMicroseconds, address) : new FormattedLine(segments, clock, time, address);
    }

    // As log collectors have it.
    [GeneratedRegex(@"^\[pid: (\d+)\|app: (-?\d+)\|req: (-?\d+)/(\d+)\] (\S+) \((.*?)\) \{(\d+) vars in (\d+) bytes\} \[(.+?)\] (\S+) (\S+) => generated (\d+) bytes in (\d+) (msecs|micros)(?: via (\w+)\(\))? \((\S+) (?<status>\d+)\) (\d+) headers in (\d+) bytes \((\d+) switches on core (\d+)\)\z")]
    private static partial Regex DefaultLine();

    [GeneratedRegex("""^\S+ - \S+ \[[^]]+\] "\S+ \S+ \S+" 404 80 "[^"]*" "[^"]*" \z""")]
    private static partial Regex RecipeLine();

    /// <summary>A request that has ended.</summary>
    private sealed class Sample : IDisposable
    {
        private readonly CgiVariables _variables = new();

        public Sample((string Name, string Value)[] variables)
        {
            if (variables.Length > 0)
            {
                // A character is a byte.
                var data = WireBytes.Concat([.. variables.Select(variable => WireBytes.Variable(Encoding.Latin1.GetBytes(variable.Name), Encoding.Latin1.GetBytes(variable.Value)))]);
                _variables.LoadUwsgi(new ReadOnlySequence<byte>(data), 100);
            }
        }

        public RequestOutcome Outcome { get; init; } = new() { Reason = EndReason.Completed, StatusCode = 200 };

        public int Slot { get; init; }

        public long Number { get; init; } = 7;

        public long AppNumber { get; init; } = 5;

        public TimeSpan Duration { get; init; } = TimeSpan.FromMicroseconds(3210);

        public void Write(ILineWriter writer, LineBuffer line) => writer.Write(
            new EndedRequest
            {
                Variables = _variables,
                Outcome = Outcome,
                Slot = Slot,
                Number = Number,
                AppNumber = AppNumber,
                Started = Started,
                Duration = Duration,
            },
            line);

        public void Dispose() => _variables.Clear();
    }
}
