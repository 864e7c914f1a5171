using System.Text.RegularExpressions;
using Uwsgi.Protocol.Ini;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Hosting;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Ini;

/// <summary>
/// The files that people write after uWSGI's introductory articles, with paths and ports of a test's own: an app starts with each, and every
/// line does what it does in uWSGI or is named as one that does nothing here.
/// </summary>
public partial class ArticleTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly CertificateDirectory _certificates = new();

    [Theory]

    // The quickstart: a file instead of a command line.
    [InlineData(
        """
        socket = 127.0.0.1:0
        chdir = {cwd}
        pythonpath = ..
        env = INI_TESTS_SETTINGS_MODULE=myproject.settings
        module = django.core.handlers.wsgi:WSGIHandler()
        wsgi-file = myproject/wsgi.py
        processes = 4
        threads = 2
        stats = 127.0.0.1:0
        """,
        "module processes pythonpath wsgi-file")]
    [InlineData("http = 127.0.0.1:0\nchdir = {cwd}\nmodule = wsgihandler\nmaster = true\nprocesses = 8", "master module processes")]
    [InlineData("http-socket = 127.0.0.1:0\nwsgi-file = foobar.py\nmaster = true\nprocesses = 4\nthreads = 2\nenable-threads = true", "master processes wsgi-file")]

    // The quickstart: deadlines, slow downloads, other Pythons.
    [InlineData("socket = 127.0.0.1:0\nharakiri = 30\nmaster = true\noffload-threads = 2\nlazy-apps = true", "master")]
    [InlineData("socket = 127.0.0.1:0\nvirtualenv = /opt/env\nplugins-dir = /opt/plugins\nplugin = python26\nwsgi-file = myflaskapp.py\ncallable = app", "callable virtualenv wsgi-file")]

    // The quickstart: privileged ports and a user of its own.
    [InlineData(
        "shared-socket = 127.0.0.1:0\nuid = foo\ngid = bar\nhttps = =0,{certificate},{key}\nwsgi-file = foobar.py\nmaster = true\nprocesses = 4",
        "gid master processes uid wsgi-file")]

    // The commentary on it: languages, coroutines.
    [InlineData("plugins = http,psgi\nhttp = 127.0.0.1:0\nhttp-modifier1 = 5\npsgi = myapp.pl\nthreads = 3\nprocesses = 3", "http-modifier1 processes psgi")]
    [InlineData("http-socket = 127.0.0.1:0\ncoroae = 100\nprocesses = 4\nlazy-apps", "coroae processes")]

    // Flask behind nginx under systemd.
    [InlineData(
        """
        module = wsgi:app
        master = true
        gevent = 100
        async = 100
        threads = 100
        socket = {dir}/codingpy.sock
        chmod-socket = 660
        vacuum = true
        die-on-term = true

        for-readline = {dir}/.envs
          env = %(_)
        endfor =
        """,
        "gevent master module")]
    [InlineData("socket = 127.0.0.1:0\nprotocol = http\nmodule = wsgi:app", "module")]

    // The overview: several kinds of sockets.
    [InlineData("socket = {dir}/u.sock\nfastcgi-socket = 127.0.0.1:0\nscgi-socket = {dir}/s.sock\nhttp-socket = 127.0.0.1:0\nworkers = 2", "processes")]

    // The production file.
    [InlineData(
        """
        ; behind nginx
        chdir = {cwd}
        home = /var/www/env
        module = pkg.wsgi
        master = true
        processes = 4
        workers = 4
        socket = 127.0.0.1:0
        vacuum = true
        reload-mercy = 10
        max-requests = 1000
        limit-as = 512
        buffer-size = 30000
        pidfile = {dir}/uwsgi9090.pid
        daemonize = {dir}/uwsgi.log
        """,
        "daemonize limit-as master max-requests module processes reload-mercy virtualenv")]
    public async Task Every_line_does_something_or_is_named(string lines, string named)
    {
        _directory.Write(".envs", "INI_TESTS_ENVS=1\n\n# comment\nINI_TESTS_OTHER=a b\n");
        lines = lines.Replace("{dir}", _directory.FullPath, StringComparison.Ordinal)
            .Replace("{cwd}", Environment.CurrentDirectory, StringComparison.Ordinal)
            .Replace("{certificate}", _certificates.CertificatePath, StringComparison.Ordinal)
            .Replace("{key}", _certificates.KeyPath, StringComparison.Ordinal);
        await using var app = await Sections.StartAsync(_directory, lines);
        if (app.Addresses.Any(address => address.StartsWith("http://", StringComparison.Ordinal)))
        {
            Assert.Equal("hello", await app.GetAsync());
        }

        foreach (var protocol in (GatewayProtocol[])[GatewayProtocol.Uwsgi, GatewayProtocol.FastCgi, GatewayProtocol.Scgi])
        {
            var requests = new RequestBytes(protocol);
            foreach (var _ in app.Addresses.Where(address => address.StartsWith($"{protocol}://", StringComparison.OrdinalIgnoreCase)))
            {
                Assert.Equal("hello", requests.Answer(await SocketPeer.AskAsync(app.EndPointOf(protocol), requests.Get())).Body);
            }
        }

        Assert.NotEmpty(app.Addresses);
        var told = app.Logs.Of("Noted").Select(entry => Note().Match(entry.Message)).ToArray();
        Assert.All(told, note => Assert.True(note.Success));
        Assert.Equal(named, string.Join(' ', told.Select(note => note.Groups["name"].Value).Distinct().Order(StringComparer.Ordinal)));

        // What is not named is one that does something, or is so without it.
        foreach (var setting in Sections.Read(_directory, lines).Settings.Where(setting => !named.Split(' ').Contains(setting.Name)))
        {
            Assert.True(setting.Option?.Role is UwsgiOptionRole.Here or UwsgiOptionRole.AlwaysSo, setting.Name);
        }
    }

    public void Dispose()
    {
        _certificates.Dispose();
        _directory.Dispose();
    }

    [GeneratedRegex(@"^uwsgi options: .*main\.ini:\d+: (?<name>[a-z0-9-]+) .*; it does nothing here\.$")]
    private static partial Regex Note();
}
