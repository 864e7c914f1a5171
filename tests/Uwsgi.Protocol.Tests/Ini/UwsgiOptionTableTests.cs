using Uwsgi.Protocol.Ini;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.Ini;

/// <summary>The list of uWSGI's options, and what is said of each.</summary>
public class UwsgiOptionTableTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string> Dangerous =>
        [.. UwsgiOptionTable.Options.Where(option => option.Role is UwsgiOptionRole.Dangerous).Select(option => option.Name.Replace("*", "x", StringComparison.Ordinal))];

    [Fact]
    public void Each_option_is_there_once_and_found_by_each_of_its_names()
    {
        var names = UwsgiOptionTable.Options.SelectMany(option => option.Names).ToArray();
        Assert.Equal(names, names.Distinct(StringComparer.OrdinalIgnoreCase));
        foreach (var option in UwsgiOptionTable.Options)
        {
            foreach (var name in option.Names)
            {
                Assert.True(UwsgiOptionTable.TryFind(name.Replace("*", "x", StringComparison.Ordinal), out var found), name);
                Assert.Same(option, found);
            }
        }
    }

    [FrontEndFact("uwsgi")]
    public async Task Each_option_that_uWSGI_itself_knows_is_known()
    {
        var help = await FinishedProcess.RunAsync(Programs.PathOf("uwsgi"), ["--help"], []);
        string[] known =
        [
            .. System.Text.Encoding.UTF8.GetString(help.Output).Split('\n')
                .Select(line => System.Text.RegularExpressions.Regex.Match(line, "^ +(?:-.\\|)?--([a-z0-9_-]+) "))
                .Where(match => match.Success).Select(match => match.Groups[1].Value),
        ];
        Assert.InRange(known.Length, 700, 2000);

        // What does something by itself and ends, or speaks to another process; and what files have and configuration has not.
        string[] commands =
        [
            "help", "usage", "version", "cflags", "dot-h", "config-py", "get", "print", "iprint", "print-sym", "print-symbol", "connect-and-read", "reload", "stop", "pause", "suspend",
            "resume", "no-server", "binary-append-data", "binary-path", "dump-options", "ping", "ping-timeout", "imperial-monitors-list", "imperial-monitor-list", "plugins-list", "plugin-list",
            "clocks-list", "clock-list", "alarms-list", "loops-list", "loop-list", "routers-list", "router-list", "quiet", "requests-list",
            "ini", "include", "inherit", "set", "set-ph", "set-placeholder", "end", "endfor", "end-for", "endif", "end-if",
        ];
        Assert.Equal([], known.Except(commands).Where(name =>
            !UwsgiOptionTable.TryFind(name, out _) && !name.StartsWith("for", StringComparison.Ordinal) && !name.StartsWith("if", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_option_that_does_something_is_asked_for()
    {
        var section = Sections.Read(_directory, "socket = 127.0.0.1:0");
        _ = new SocketSettings(section);
        _ = new LimitSettings(section);
        _ = new HarakiriSettings(section);
        _ = new StatsSettings(section);
        _ = new RequestLogSettings(section);
        _ = new OffloadSettings(section);
        var process = new ProcessSettings(section);
        process.Apply(new Microsoft.Extensions.Configuration.ConfigurationManager());

        // The one is asked for by the command line's way too.
        Assert.Equal(["show-config"], UwsgiOptionTable.Options.Where(option => option.Role is UwsgiOptionRole.Here).Select(option => option.Name).Except(section.Read));
    }

    [Theory]
    [InlineData("haraikri = 3", "'harakiri' is")]
    [InlineData("sokcet = :1", "'socket' is")]
    [InlineData("proceses = 4", "'processes' is")]
    [InlineData("max_request = 4", "'max-requests' is")]
    [InlineData("bufer-size = 4", "'buffer-size' is")]
    [InlineData("something-else-altogether = 1", "is no option of uWSGI's.")]
    public void What_is_unknown_stops_the_start_with_a_name_that_may_be_meant(string line, string expected)
    {
        var error = ErrorOf("a = 1\nb = %(a)\n" + line);
        Assert.Contains($"{_directory["main.ini"]}:4: ", error, StringComparison.Ordinal);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.DoesNotContain("main.ini:2", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("harakiri", "harakiri", 0)]
    [InlineData("haraikri", "harakiri", 1)]
    [InlineData("harakri", "harakiri", 1)]
    [InlineData("harakirii", "harakiri", 1)]
    [InlineData("harakira", "harakiri", 1)]
    [InlineData("", "stats", 5)]
    public void Words_are_as_far_apart_as_it_takes_steps_to_mend_one(string left, string right, int distance) => Assert.Equal(distance, EditDistance.Of(left, right));

    [Fact]
    public void A_name_of_the_files_own_need_not_be_an_option() =>
        Sections.Read(_directory, "set-ph = mine=1\nset-placeholder = other=2\nwhere = /srv\nchdir = %(where)").ThrowIfWrong();

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        var error = ErrorOf("foo = 1\nroute = ^/ break:403\nharakiri = soon\nhook-asap = exec:rm");
        foreach (var line in (string[])[":2: foo: ", ":3: route: ", ":5: hook-asap: is refused: nothing is run"])
        {
            Assert.Contains(line, error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Without_strict_the_unknown_and_the_unsupported_are_told_of_and_stop_nothing()
    {
        var section = Sections.Read(_directory, "strict = false\nfoo = 1\nroute = x");
        section.ThrowIfWrong();
        Assert.Equal(
            [$"{_directory["main.ini"]}:3: foo is no option of uWSGI's.", $"{_directory["main.ini"]}:4: route is not supported: what a request comes to is the app's to say (routing, UseRewriter)."],
            section.Warnings.Order());
    }

    [Theory]
    [MemberData(nameof(Dangerous))]
    public void What_would_run_something_stops_the_start_whatever_strict_says(string name)
    {
        var error = ErrorOf($"strict = false\n{name} = touch {_directory["proof"]}");
        Assert.Contains($"main.ini:3: {name}: is refused: nothing is run for a configuration.", error, StringComparison.Ordinal);
        Assert.False(File.Exists(_directory["proof"]));
    }

    [Theory]
    [InlineData("master = true", "master needs the process master; it does nothing here.")]
    [InlineData("workers = 4", "processes needs the process master; it does nothing here.")]
    [InlineData("cheaper-algo = busyness", "cheaper-algo needs the process master; it does nothing here.")]
    [InlineData("module = wsgi:app", "module is about Python or another language that uWSGI hosts; it does nothing here.")]
    [InlineData("enable-threads = no", "enable-threads is always so here, and cannot be turned off.")]
    public void What_does_nothing_is_kept_and_told_of(string line, string warning)
    {
        var section = Sections.Read(_directory, line);
        section.ThrowIfWrong();
        Assert.Equal($"{_directory["main.ini"]}:2: {warning}", Assert.Single(section.Warnings));
    }

    [Theory]
    [InlineData("master = false")]
    [InlineData("enable-threads = true")]
    [InlineData("die-on-term")]
    [InlineData("lazy-apps = 1")]
    [InlineData("async = 100")]
    public void What_is_so_already_is_not_told_of(string line) => Assert.Empty(Sections.Read(_directory, line).Warnings);

    public void Dispose() => _directory.Dispose();

    private string ErrorOf(string lines) => Assert.Throws<FormatException>(() => Sections.Read(_directory, lines).ThrowIfWrong()).Message;
}
