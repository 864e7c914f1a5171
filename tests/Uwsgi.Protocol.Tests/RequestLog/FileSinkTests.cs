using Uwsgi.Protocol.RequestLog;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.RequestLog;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class FileSinkTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ManualTimeProvider _time = new();
    private readonly LogCapture _logs = new();

    private string Path => _directory["requests.log"];

    [Fact]
    public void Lines_go_behind_what_is_there()
    {
        _directory.Write("requests.log", "before\n");
        using var sink = New();
        sink.Write("one\n"u8);
        sink.Write("two\nthree\n"u8);
        Assert.Equal("before\none\ntwo\nthree\n", Read());
    }

    [Fact]
    public void A_file_is_for_its_owner_and_group()
    {
        using var sink = New();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(Path));
    }

    [Fact]
    public void A_file_that_is_moved_away_is_let_go_within_a_second()
    {
        using var sink = New();
        sink.Write("one\n"u8);
        File.Move(Path, _directory["requests.log.1"]);
        _time.Advance(TimeSpan.FromMilliseconds(999));
        sink.Write("two\n"u8);
        Assert.False(File.Exists(Path));

        _time.Advance(TimeSpan.FromMilliseconds(1));
        sink.Write("three\n"u8);
        Assert.Equal("three\n", Read());
        Assert.Equal("one\ntwo\n", File.ReadAllText(_directory["requests.log.1"]));
    }

    [Fact]
    public void A_file_that_is_removed_comes_again()
    {
        using var sink = New();
        File.Delete(Path);
        _time.Advance(TimeSpan.FromSeconds(1));
        sink.Write("one\n"u8);
        Assert.Equal("one\n", Read());
    }

    [Fact]
    public void A_file_that_is_cut_goes_on_at_its_beginning()
    {
        // logrotate's copytruncate.
        using var sink = New();
        sink.Write("one\n"u8);
        using (var file = new FileStream(Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(0);
        }

        sink.Write("two\n"u8);
        Assert.Equal("two\n", Read());
    }

    [Fact]
    public void Two_that_write_to_a_file_take_nothing_from_each_other()
    {
        using var one = New();
        using var other = New();
        one.Write("one\n"u8);
        other.Write("two\n"u8);
        one.Write("three\n"u8);
        Assert.Equal("one\ntwo\nthree\n", Read());
    }

    [Fact]
    public void A_file_that_cannot_be_opened_says_so_at_once() =>
        Assert.ThrowsAny<IOException>(() => new FileSink(new LogFile(_directory["none/requests.log"], new UwsgiRequestLogOptions()), _time, new RequestLogLog(_logs.CreateFactory())));

    [Fact]
    public void Where_it_cannot_be_opened_again_what_is_open_takes_the_lines()
    {
        using var sink = New();
        Directory.Move(_directory.FullPath, _directory.FullPath + ".moved");
        try
        {
            for (var i = 0; i < 3; i++)
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                sink.Write("a line\n"u8);
            }
        }
        finally
        {
            Directory.Move(_directory.FullPath + ".moved", _directory.FullPath);
        }

        Assert.Equal("a line\na line\na line\n", Read());
        Assert.Single(_logs.Of("NotReopened"));
        _time.Advance(TimeSpan.FromSeconds(1));
        File.Delete(Path);
        sink.Write("again\n"u8);
        Assert.Equal("again\n", Read());
    }

    public void Dispose() => _directory.Dispose();

    private FileSink New() => new(new LogFile(Path, new UwsgiRequestLogOptions()), _time, new RequestLogLog(_logs.CreateFactory()));

    private string Read() => File.ReadAllText(Path);
}
