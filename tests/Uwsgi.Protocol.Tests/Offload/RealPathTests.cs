using Uwsgi.Protocol.Offload;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.Offload;

/// <summary>Where links lead.</summary>
public sealed class RealPathTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("a/b/file", "a/b/file")]
    [InlineData("a/./b/../b/file", "a/b/file")]
    [InlineData("to-b/file", "a/b/file")]
    [InlineData("to-to-b/file", "a/b/file")]
    [InlineData("to-b/../file", "file")]
    [InlineData("a/up/file", "file")]
    [InlineData("absolute/file", "a/b/file")]
    [InlineData("missing/file", "missing/file")]
    [InlineData("circle/file", null)]
    public void A_path_is_followed_to_its_end(string path, string? expected)
    {
        _directory.Write("a/b/file", "");
        Link("to-b", "a/b");
        Link("to-to-b", "./to-b/.");
        Link("a/up", "b/../..");
        Link("absolute", _directory["a/b"]);
        Link("circle", "elcric");
        Link("elcric", "circle");
        Assert.Equal(expected is null ? null : Path.Combine(RealPath.Of(_directory.FullPath)!, expected), RealPath.Of(_directory[path]));
    }

    [Theory]
    [InlineData("/srv/www", "/srv/www/x/y", "x/y")]
    [InlineData("/srv/www/", "/srv/www/x", "x")]
    [InlineData("/", "/x", "x")]
    [InlineData("/srv/www", "/srv/www", null)]
    [InlineData("/srv/www", "/srv/www-private/x", null)]
    [InlineData("/srv/www", "/srv/x", null)]
    [InlineData("/srv/www", "/srv/WWW/x", null)]
    public void Only_what_is_below_a_directory_is_below_it(string directory, string path, string? expected) =>
        Assert.Equal(OperatingSystem.IsLinux() ? expected : RealPath.Below(directory, path), RealPath.Below(directory, path));

    private void Link(string name, string target) => Directory.CreateSymbolicLink(_directory[name], target);
}
