using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Harakiri;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Hosting;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.RequestLog;

/// <summary>The request log of an app on real sockets, HTTP's requests among the others.</summary>
public sealed partial class RequestLogHostTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string File => _directory["requests.log"];

    [Theory]
    [EveryWay]
    public async Task Requests_of_a_front_end_and_of_HTTP_stand_side_by_side(GatewayProtocol protocol, GatewayTransport transport)
    {
        await using (var app = await StartAsync(protocol, transport, web => web.UseUwsgiRequestLog(File)))
        {
            _ = await SocketPeer.AskAsync(app.EndPointOf(protocol), new RequestBytes(protocol).Get("/a?b=c"));
            await Eventually.TrueAsync(() => System.IO.File.ReadAllLines(File).Length == 1);
            _ = await app.GetAsync("/d?e=f");
            await Eventually.TrueAsync(() => System.IO.File.ReadAllLines(File).Length == 2);
        }

        var lines = System.IO.File.ReadAllLines(File);
        Assert.All(lines, line => Assert.Matches(Line(), line));
        Assert.Contains("|req: 1/1] 192.0.2.7 () {", lines[0], StringComparison.Ordinal);
        Assert.Contains("] GET /a?b=c => generated 5 bytes in ", lines[0], StringComparison.Ordinal);
        Assert.Contains("|req: 2/2] 127.0.0.1 () {", lines[1], StringComparison.Ordinal);
        Assert.Contains("] GET /d?e=f => generated 5 bytes in ", lines[1], StringComparison.Ordinal);
        Assert.Contains(" (HTTP/1.1 200) ", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task HTTP_alone_is_logged_where_there_is_no_front_end()
    {
        await using (var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(), builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.WebHost.UseUwsgiRequestLog(options =>
            {
                options.File = File;
                options.Format = "%(method) %(uri) %(status) %(host) %(uagent) %(tenant) %(modifier1)";
            });
        }, app => app.Run(context =>
        {
            context.SetUwsgiLogVariable("tenant", "acme");
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        })))
        {
            using var client = new HttpClient();
            using var answer = await client.GetAsync(app.HttpAddress + "/none").Within();
        }

        Assert.Matches(@"^GET /none 404 127\.0\.0\.1:\d+ - acme 0$", Assert.Single(System.IO.File.ReadAllLines(File)));
    }

    [Theory]
    [InlineData(false, "GET /slow 504 0 Harakiri 0")]
    [InlineData(true, "GET /slow 504 4 Harakiri 4")]
    public async Task A_request_of_HTTP_that_is_killed_has_its_line_at_once_and_not_again(bool hasBegun, string expected)
    {
        var stuck = new SyncPoint();
        await using (var app = await RunningApp.StartAsync(
            async context =>
            {
                if (hasBegun)
                {
                    context.Response.Headers["X-One"] = "1";
                    await context.Response.WriteAsync("half");
                }

                await stuck.MeetAsync();
                await context.Response.WriteAsync("late");
            },
            options => options.Listen(0),
            builder =>
            {
                builder.WebHost.UseUwsgiRequestLog(options => (options.File, options.Format) = (File, "%(method) %(uri) %(status) %(rsize) %(end) %(headers)"));
                builder.Services.AddHarakiri(options => (options.Timeout, options.Grace) = (TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(50)));
            }))
        {
            var asking = app.GetAsync("/slow");
            await stuck.Reached;
            await Eventually.TrueAsync(() => System.IO.File.ReadAllLines(File).Length == 1);
            _ = await Assert.ThrowsAnyAsync<Exception>(() => asking);
            stuck.Continue();
        }

        Assert.Equal(expected, Assert.Single(System.IO.File.ReadAllLines(File)));
    }

    [Theory]
    [EveryWay(OverHttp = true)]
    public async Task Without_a_file_lines_are_in_the_apps_log_under_a_category_of_their_own(GatewayProtocol? protocol, GatewayTransport transport)
    {
        await using var app = await StartAsync(protocol ?? GatewayProtocol.Uwsgi, transport, static web => web.UseUwsgiRequestLog());
        _ = await app.AskAsync(protocol, "/a");
        await Eventually.TrueAsync(() => app.Logs.Of("Request").Any());
        var entry = Assert.Single(app.Logs.Of("Request"));
        Assert.Equal("Uwsgi.Protocol.RequestLog", entry.Category);
        Assert.Equal(Microsoft.Extensions.Logging.LogLevel.Information, entry.Level);
        Assert.Matches(Line(), entry.Message);
    }

    [Theory]
    [EveryWay(OverHttp = true)]
    public async Task A_format_says_the_same_of_every_request(GatewayProtocol? protocol, GatewayTransport transport)
    {
        await using (var app = await StartAsync(protocol ?? GatewayProtocol.Uwsgi, transport, web => web.UseUwsgiRequestLog(options =>
        {
            options.File = File;
            options.Format = "%(method) %(uri) %(proto) %(status) %(rsize) %(host) %(uagent) %(var.HTTP_X_TEST) %(end)";
        })))
        {
            _ = await app.AskAsync(protocol, "/a%20b?c=d", ("User-Agent", "a \"browser\""), ("X-Test", "one"));
        }

        var version = protocol is null ? "HTTP/1.0" : "HTTP/1.1";
        Assert.Equal($@"GET /a%20b?c=d {version} 200 5 example.org a \x22browser\x22 one Completed", Assert.Single(System.IO.File.ReadAllLines(File)));
    }

    [Fact]
    public async Task The_last_lines_are_written_when_the_app_stops()
    {
        await using (var app = await StartAsync(GatewayProtocol.Uwsgi, GatewayTransport.Auto, web => web.UseUwsgiRequestLog(File)))
        {
            for (var i = 0; i < 50; i++)
            {
                _ = await app.AskAsync(Packets.Get($"/{i}"));
            }
        }

        // An answer may be read before its line is written, and the next request's line written by another thread meanwhile.
        var lines = System.IO.File.ReadAllLines(File);
        Assert.Equal(50, lines.Length);
        Assert.All(Enumerable.Range(0, 50), i => Assert.Single(lines, line => line.Contains($" GET /{i} =>", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_file_that_cannot_be_opened_stops_the_start()
    {
        var failure = await Assert.ThrowsAnyAsync<IOException>(() => StartAsync(
            GatewayProtocol.Uwsgi, GatewayTransport.Auto, web => web.UseUwsgiRequestLog(_directory["none/requests.log"])));
        Assert.Contains("none/requests.log", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_say_at_once_what_is_wrong_with_them()
    {
        var options = new UwsgiRequestLogOptions();
        Assert.Throws<FormatException>(() => options.Format = "%(metric.x)");
        Assert.Throws<FormatException>(() => options.TimeFormat = "%Q");
        Assert.Throws<ArgumentOutOfRangeException>(() => options.LogSlowerThan = TimeSpan.FromTicks(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => options.LogLargerThan = -1);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.QueueSize = (16 * 1024) - 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.MaxFileSize = 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.MaxFileSize = -1);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.FileMode = (UnixFileMode)0x200);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.FileMode = (UnixFileMode)(-1));
        (options.MaxFileSize, options.FileMode) = (1, (UnixFileMode)0x1FF);
        (options.MaxFileSize, options.FileMode) = (null, null);
        options.QueueSize = 16 * 1024;
        options.LogLargerThan = 0;
        options.LogSlowerThan = TimeSpan.Zero;
        Assert.Throws<ArgumentException>(() => WebApplication.CreateBuilder().WebHost.UseUwsgiRequestLog(""));
    }

    public void Dispose() => _directory.Dispose();

    private static Task<RunningApp> StartAsync(GatewayProtocol protocol, GatewayTransport transport, Action<IWebHostBuilder> use) =>
        RunningApp.StartAsync(
            static context => context.Response.WriteAsync("hello"),
            options =>
            {
                options.Listen(0, protocol);
                options.Transport = transport;
            },
            builder => use(builder.WebHost));

    [GeneratedRegex(@"^\[pid: \d+\|app: 0\|req: \d+/\d+\] \S+ \(.*?\) \{\d+ vars in \d+ bytes\} \[\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}\] \S+ \S+ => generated \d+ bytes in \d+ msecs \(\S+ \d+\) \d+ headers in \d+ bytes \(1 switches on core \d+\)$")]
    private static partial Regex Line();
}
