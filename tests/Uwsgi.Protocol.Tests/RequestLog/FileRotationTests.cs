using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Uwsgi.Protocol.Hosting;
using Uwsgi.Protocol.RequestLog;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Hosting;

namespace Uwsgi.Protocol.Tests.RequestLog;

/// <summary>A file that has its size is moved away, and no line is lost by it; whose the file is.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class FileRotationTests : IDisposable
{
    private const int Max = 100;

    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTimeProvider _time = new();
    private readonly LogCapture _logs = new();

    private string Path => _directory["requests.log"];

    private string Backup => $"{Path}.{_time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)}";

    /// <summary>uWSGI: larger than log-maxsize, and a name with the time.</summary>
    [Theory]
    [InlineData(Max - 1, false)]
    [InlineData(Max, false)]
    [InlineData(Max + 1, true)]
    public void A_file_that_is_larger_than_it_may_be_is_moved_away(int size, bool isMoved)
    {
        using var sink = New();
        var line = Line(size);
        sink.Write(line);
        Assert.Equal(isMoved, File.Exists(Backup));
        Assert.Equal(isMoved ? "" : Encoding.ASCII.GetString(line), File.ReadAllText(Path));
        sink.Write("next\n"u8);
        Assert.Equal(isMoved ? "next\n" : "", File.ReadAllText(Path));
        Assert.Equal(Encoding.ASCII.GetString(line) + (isMoved ? "" : "next\n"), File.ReadAllText(Backup));
    }

    [Fact]
    public void What_is_in_the_file_already_counts()
    {
        _directory.Write("requests.log", new string('x', Max));
        using var sink = New();
        sink.Write("\n"u8);
        Assert.Equal(Max + 1, File.ReadAllText(Backup).Length);
    }

    [Fact]
    public void A_name_of_ones_own_is_that_of_the_last_one()
    {
        using var sink = New(options => options.BackupFile = _directory["before.log"]);
        sink.Write(Line(Max + 1, 'a'));
        Assert.StartsWith("aaa", File.ReadAllText(_directory["before.log"]), StringComparison.Ordinal);
        sink.Write(Line(Max + 1, 'b'));
        Assert.StartsWith("bbb", File.ReadAllText(_directory["before.log"]), StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(_directory.FullPath).Length);
    }

    /// <summary>uWSGI's name has whole seconds: a second file in one takes the place of the first there.</summary>
    [Fact]
    public void A_second_has_one_file_and_the_rest_waits()
    {
        using var sink = New();
        sink.Write(Line(Max + 1, 'a'));
        sink.Write(Line(Max + 1, 'b'));
        sink.Write(Line(Max + 1, 'c'));
        Assert.StartsWith("aaa", File.ReadAllText(Backup), StringComparison.Ordinal);
        Assert.Equal(2 * (Max + 1), File.ReadAllText(Path).Length);
        _time.Advance(TimeSpan.FromSeconds(1));
        sink.Write("d\n"u8);
        Assert.Equal((2 * (Max + 1)) + 2, File.ReadAllText(Backup).Length);
        Assert.Empty(File.ReadAllText(Path));
        Assert.Empty(_logs.Of("NotRotated"));
    }

    [Fact]
    public void Of_two_that_write_to_it_one_moves_it_away_once()
    {
        using var one = New(options => options.BackupFile = _directory["before.log"]);
        using var other = New(options => options.BackupFile = _directory["before.log"]);
        one.Write(Line(Max + 1, 'a'));

        // What the other has open is called otherwise by now, and has its size.
        other.Write("b\n"u8);
        Assert.Equal(Encoding.ASCII.GetString(Line(Max + 1, 'a')) + "b\n", File.ReadAllText(_directory["before.log"]));
        other.Write("c\n"u8);
        one.Write("d\n"u8);
        Assert.Equal("c\nd\n", File.ReadAllText(Path));
    }

    [Fact]
    public void While_another_process_sees_to_it_lines_go_on()
    {
        using var sink = New();
        Assert.True(DirectoryLock.TryTake(_directory.FullPath, out var taken));
        sink.Write(Line(Max + 1));
        Assert.False(File.Exists(Backup));
        taken!.Dispose();
        sink.Write("more\n"u8);
        Assert.Equal(Max + 6, File.ReadAllText(Backup).Length);
    }

    [Fact]
    public void A_file_that_cannot_be_moved_away_grows_on_and_says_so_once()
    {
        using var sink = New(options => options.BackupFile = _directory["none/before.log"]);
        sink.Write(Line(Max + 1));
        sink.Write("one\n"u8);
        sink.Write("two\n"u8);
        Assert.EndsWith("one\ntwo\n", File.ReadAllText(Path), StringComparison.Ordinal);
        Assert.Single(_logs.Of("NotRotated"));
        Directory.CreateDirectory(_directory["none"]);
        sink.Write("three\n"u8);
        Assert.EndsWith("one\ntwo\nthree\n", File.ReadAllText(_directory["none/before.log"]), StringComparison.Ordinal);
        Assert.Empty(File.ReadAllText(Path));
    }

    [Fact]
    public void No_line_is_lost_or_cut_however_often_it_is_moved_away()
    {
        const int Count = 20_000;
        using var meter = new Meter("lines");
        using (var queue = new LineQueue(New(), 16 * 1024 * 1024, new LostLines(meter.CreateCounter<long>("lost"), _time, new RequestLogLog(_logs.CreateFactory()))))
        {
            for (var i = 0; i < Count; i++)
            {
                queue.Add(Encoding.ASCII.GetBytes($"line {i}"));
                _time.Advance(TimeSpan.FromMilliseconds(250));
            }
        }

        var files = Directory.GetFiles(_directory.FullPath);
        Assert.InRange(files.Length, 2, Count);
        Assert.Equal(
            Enumerable.Range(0, Count).Select(i => $"line {i}").Order(StringComparer.Ordinal),
            files.SelectMany(File.ReadAllLines).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_mode_is_that_of_the_file_whether_it_was_there_or_is_made()
    {
        const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        _directory.Write("requests.log", "before\n");
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        using var sink = New(options => options.FileMode = Mode);
        Assert.Equal(Mode, File.GetUnixFileMode(Path));
        sink.Write(Line(Max + 1));
        Assert.Equal(Mode, File.GetUnixFileMode(Path));
        Assert.Equal(Mode, File.GetUnixFileMode(Backup));

        // logrotate's create, with a mode of its own.
        File.Move(Path, _directory["away"]);
        _directory.Write("requests.log", "");
        File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _time.Advance(TimeSpan.FromSeconds(1));
        sink.Write("one\n"u8);
        Assert.Equal(Mode, File.GetUnixFileMode(Path));
    }

    [RootFact]
    public async Task A_file_may_be_given_to_a_user_and_a_group()
    {
        using var sink = New(options => (options.FileOwner, options.FileGroup) = ("nobody", "12345"));
        Assert.Equal("nobody 12345\n", await OwnerOfAsync(Path));
        sink.Write(Line(Max + 1));
        Assert.Equal("nobody 12345\n", await OwnerOfAsync(Path));
        var exception = Assert.Throws<IOException>(() => New(options => options.FileOwner = "no-such-user-here"));
        Assert.Contains("no-such-user-here", exception.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();

    private static byte[] Line(int size, char character = 'x') => Encoding.ASCII.GetBytes(new string(character, size - 1) + "\n");

    private static async Task<string> OwnerOfAsync(string path) =>
        Encoding.UTF8.GetString((await FinishedProcess.RunAsync("stat", ["-c", "%U %g", path], [])).Output);

    private FileSink New(Action<UwsgiRequestLogOptions>? configure = null)
    {
        var options = new UwsgiRequestLogOptions { MaxFileSize = Max };
        configure?.Invoke(options);
        return new FileSink(new LogFile(Path, options), _time, new RequestLogLog(_logs.CreateFactory()));
    }
}
