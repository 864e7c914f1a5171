using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Harakiri;
using Uwsgi.Protocol.Tests.Hosting;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Ini;

/// <summary>Apps on real sockets that nothing but a file has set up.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public class UwsgiSectionHostTests : IDisposable
{
    private const string Sockets = "socket = 127.0.0.1:0\nfastcgi-socket = 127.0.0.1:0\nscgi-socket = 127.0.0.1:0\nhttp-socket = 127.0.0.1:0\n";

    private readonly TemporaryDirectory _directory = new();

    [Theory]
    [InlineData("socket = 127.0.0.1:0", GatewayProtocol.Uwsgi)]
    [InlineData("uwsgi-socket = 127.0.0.1:", GatewayProtocol.Uwsgi)]
    [InlineData("socket = {0}/app.sock", GatewayProtocol.Uwsgi)]
    [InlineData("socket = :0", GatewayProtocol.Uwsgi)]
    [InlineData("shared-socket = 127.0.0.1:0\nsocket = =0", GatewayProtocol.Uwsgi)]
    [InlineData("fastcgi-socket = 127.0.0.1:0", GatewayProtocol.FastCgi)]
    [InlineData("socket = {0}/app.sock\nprotocol = fastcgi", GatewayProtocol.FastCgi)]
    [InlineData("scgi-socket = {0}/app.sock", GatewayProtocol.Scgi)]
    [InlineData("socket-protocol = scgi\nsocket = [::1]:0", GatewayProtocol.Scgi)]
    public async Task A_socket_speaks_its_protocol_over_each_transport(string lines, GatewayProtocol protocol)
    {
        foreach (var transport in (GatewayTransport[])[GatewayTransport.Auto, GatewayTransport.Kestrel])
        {
            await using var app = await StartAsync(transport, lines);
            Assert.Equal("hello", (await app.AskAsync(protocol, "/")).Body);
            Assert.Single(app.Addresses);
        }
    }

    [Theory]
    [InlineData("http-socket = 127.0.0.1:0")]
    [InlineData("http = 127.0.0.1:0")]
    [InlineData("http = :0")]
    [InlineData("socket = 127.0.0.1:0\nprotocol = http")]
    [InlineData("shared-socket = [::1]:9\nshared-socket = 127.0.0.1:0\nhttp-socket = =1")]
    public async Task A_socket_for_HTTP_is_the_apps_own_Kestrels(string lines)
    {
        await using var app = await StartAsync(lines);
        Assert.Equal("hello", await app.GetAsync());
        Assert.Empty(app.EndPoints);
    }

    [Theory]
    [EveryWay(OverHttp = true)]
    public async Task All_protocols_at_once_are_one_app(GatewayProtocol? protocol, GatewayTransport transport)
    {
        await using var app = await StartAsync(
            transport,
            Sockets + "socket = {0}/u.sock",
            static context => context.Response.WriteAsync(context.Features.Get<IGatewayRequestFeature>()?.Protocol.ToString() ?? ""));
        Assert.Equal($"{protocol}", (await app.AskAsync(protocol, "/")).Body);
        Assert.Equal(5, app.Addresses.Count);
        Assert.Equal(2, app.EndPoints.Length);
    }

    [Fact]
    public async Task An_address_that_no_socket_names_is_told_of()
    {
        await using var app = await StartAsync("shared-socket = 127.0.0.1:1\nshared-socket = 127.0.0.1:0\nsocket = =1");
        Assert.EndsWith(": shared-socket 127.0.0.1:1 is not opened: no other socket is =0.", Assert.Single(app.Logs.Of("Noted")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HTTP_is_closed_where_nobody_names_it_and_open_where_somebody_does()
    {
        await using (var closed = await StartAsync("socket = 127.0.0.1:0"))
        {
            Assert.StartsWith("uwsgi://", Assert.Single(closed.Addresses), StringComparison.Ordinal);
            Assert.Single(closed.Logs.Of("HttpClosed"));
        }

        Action<WebApplicationBuilder>[] ways =
        [
            builder => builder.WebHost.UseUrls("http://127.0.0.1:0"),
            builder => builder.Configuration.AddJson("""{"Kestrel": {"Endpoints": {"One": {"Url": "http://127.0.0.1:0"}}}}"""),
            builder =>
            {
                builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
                builder.Services.Configure<UwsgiProtocolOptions>(options => options.ServeHttp = true);
            },
        ];
        foreach (var way in ways)
        {
            await using var open = await StartAsync("socket = 127.0.0.1:0", configure: way);
            Assert.Equal("hello", await open.GetAsync());
            Assert.Equal("hello", (await open.AskAsync(Packets.Get())).Body);
            Assert.Empty(open.Logs.Of("HttpClosed"));
        }
    }

    [Theory]
    [InlineData("", 0b110_110_000)]
    [InlineData("chmod-socket = 600", 0b110_000_000)]
    [InlineData("chmod-socket = 0664", 0b110_110_100)]
    [InlineData("chmod-socket", 0b110_110_110)]
    [InlineData("chmod = 1", 0b110_110_110)]
    public async Task Files_of_unix_sockets_have_their_mode_and_are_gone_at_the_stop(string line, int mode)
    {
        string[] files = ["u.sock", "h.sock", "s.sock"];
        await using (var app = await StartAsync($"{line}\nsocket = {{0}}/u.sock\nhttp-socket = {{0}}/h.sock\nstats = {{0}}/s.sock"))
        {
            Assert.All(files, file => Assert.Equal((UnixFileMode)mode, File.GetUnixFileMode(_directory[file])));
            Assert.StartsWith("HTTP/1.1 200", (await SocketPeer.AskAsync(SocketAt("h.sock"), Http)).Text, StringComparison.Ordinal);
        }

        Assert.All(files, file => Assert.False(File.Exists(_directory[file])));
    }

    [Fact]
    public async Task Without_vacuum_files_stay_and_what_stayed_is_taken_over()
    {
        const string Lines = "vacuum = false\nsocket = {0}/u.sock\nhttp-socket = {0}/h.sock\npidfile = {0}/pid";
        for (var i = 0; i < 2; i++)
        {
            await using (var app = await StartAsync(Lines))
            {
                Assert.Equal("hello", (await app.AskAsync(Packets.Get())).Body);
                Assert.StartsWith("HTTP/1.1 200", (await SocketPeer.AskAsync(SocketAt("h.sock"), Http)).Text, StringComparison.Ordinal);
            }

            Assert.True(File.Exists(_directory["u.sock"]) && File.Exists(_directory["h.sock"]) && File.Exists(_directory["pid"]));
        }
    }

    [Fact]
    public async Task A_file_that_somebody_listens_on_stops_the_start()
    {
        await using var first = await StartAsync("http-socket = {0}/h.sock");
        var error = await Assert.ThrowsAnyAsync<IOException>(() => StartAsync("http-socket = {0}/h.sock"));
        Assert.Contains($"http://unix:{_directory["h.sock"]}: address already in use.", error.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 200", (await SocketPeer.AskAsync(SocketAt("h.sock"), Http)).Text, StringComparison.Ordinal);
    }

    [RootFact]
    public async Task Files_of_unix_sockets_are_given_away()
    {
        await using var app = await StartAsync("chown-socket = nobody:12345\nsocket = {0}/u.sock\nhttp-socket = {0}/h.sock");
        foreach (var file in (string[])["u.sock", "h.sock"])
        {
            var stat = await FinishedProcess.RunAsync("/usr/bin/stat", ["-c", "%U %g", _directory[file]], []);
            Assert.Equal("nobody 12345\n", Encoding.UTF8.GetString(stat.Output));
        }
    }

    [Theory]
    [InlineData("socket = 3031", "'3031' has no colon")]
    [InlineData("socket = example.org:80x", "not an address to listen on")]
    [InlineData("http-socket = ", "not an address")]
    [InlineData("socket = =0", "'=0' is the number of no shared-socket: there are 0")]
    [InlineData("shared-socket = :0\nsocket = =0\nhttp = =0", "'=0' is taken by another socket.")]
    [InlineData("shared-socket = :0\nsocket = =-1", "'=-1' is the number of no")]
    [InlineData("protocol = gopher", "'gopher' is not among")]
    [InlineData("chmod-socket = 888", "'888' is not a mode")]
    [InlineData("chmod-socket = 1777", "'1777' is not a mode")]
    [InlineData("chown-socket = :", "':' is not user")]
    [InlineData("listen = 0", "'0' is not a number from 1")]
    [InlineData("buffer-size = 4 # four", "'4 # four' is not a number")]
    [InlineData("https = :0,cert.pem", "address,certificate,key")]
    [InlineData("https = :0,/nowhere.pem,/nowhere.key", "/nowhere.pem")]
    [InlineData("https = :0,a,b,c,d,e", "address,certificate,key")]
    [InlineData("threads = 0", "'0' is not a number from 1 to 4096")]
    [InlineData("env = =x", "'' is no name of a variable")]
    [InlineData("chdir = /nowhere/at/all", "/nowhere/at/all")]
    [InlineData("log-format = %(metric.x)", "metric")]
    [InlineData("req-logger = syslog", "of uWSGI's loggers there is file:path")]
    [InlineData("logfile-chmod = 888", "'888' is not a mode")]
    [InlineData("logfile-chmod = 1644", "'1644' is not a mode")]
    [InlineData("log-maxsize = 1M", "'1M' is not a number")]
    [InlineData("stats = 9191", "'9191' has no colon")]
    [InlineData("harakiri = -1", "'-1' is not a number")]
    [InlineData("static-map = static", "'static' is not prefix=path")]
    [InlineData("file-serve-mode = iis", "'iis' is not among")]
    [InlineData("offload-threads = 2000", "'2000' is not a number from 0 to 1024")]
    public async Task What_cannot_be_stops_the_start_with_its_line(string lines, string expected)
    {
        var error = await Assert.ThrowsAsync<FormatException>(() => StartAsync(lines));
        Assert.Contains($"{_directory["main.ini"]}:{lines.Split('\n').Length + 1}: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [EveryWay(OverHttp = true)]
    public async Task Limits_are_those_of_the_server_and_of_Kestrel(GatewayProtocol? protocol, GatewayTransport transport)
    {
        await using var app = await StartAsync(
            transport,
            Sockets + "buffer-size = 700\nmax-vars = 20\nlimit-post = 5\nsocket-timeout = 9\nlisten = 77",
            static async context => await context.Response.WriteAsync($"{await new StreamReader(context.Request.Body).ReadToEndAsync()}"));
        var options = app.Host.Services.GetRequiredService<IOptions<UwsgiProtocolOptions>>().Value;
        Assert.Equal(TimeSpan.FromSeconds(9), options.Limits.RequestHeadTimeout);
        Assert.Equal(77, options.Backlog);
        Assert.Equal(77, app.Host.Services.GetRequiredService<IOptions<SocketTransportOptions>>().Value.Backlog);
        app.Logs.Expect(static _ => true);
        if (protocol is not { } spoken)
        {
            using var client = new HttpClient();
            Assert.Equal("12345", await (await client.PostAsync(app.HttpAddress, new StringContent("12345")).Within()).Content.ReadAsStringAsync());
            using var tooLarge = await client.PostAsync(app.HttpAddress, new StringContent("123456")).Within();
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooLarge.StatusCode);
            return;
        }

        var requests = new RequestBytes(spoken);
        Assert.StartsWith("200 ", await AskAsync(requests.Get()), StringComparison.Ordinal);
        Assert.StartsWith("431 ", await AskAsync(requests.Get("/" + new string('x', 700))), StringComparison.Ordinal);
        Assert.StartsWith("431 ", await AskAsync(requests.Get("/", [.. Enumerable.Range(0, 12).Select(i => ($"V{i}", ""))])), StringComparison.Ordinal);
        Assert.Equal("200 12345", await AskAsync(requests.Post("12345")));
        Assert.StartsWith("413 ", await AskAsync(requests.Post("123456")), StringComparison.Ordinal);

        async Task<string> AskAsync(byte[] request)
        {
            var answer = requests.Answer(await SocketPeer.AskAsync(app.EndPointOf(spoken), request));
            return $"{answer.Status} {answer.Body}";
        }
    }

    [Fact]
    public async Task A_limit_post_of_0_is_none()
    {
        await using var app = await StartAsync("socket = 127.0.0.1:0\nlimit-post = 0");
        Assert.Null(app.Host.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits.MaxRequestBodySize);
    }

    [Fact]
    public async Task Variables_of_the_environment_are_the_processs_and_the_configurations()
    {
        Environment.SetEnvironmentVariable("INI_TESTS_GONE", "1");
        Environment.SetEnvironmentVariable("INI_TESTS_UNSET", "1");
        await using var app = await StartAsync(
            "socket = 127.0.0.1:0\nenv = UwsgiTests__Name=a=b c\nenv = INI_TESTS_GONE\nunenv = INI_TESTS_UNSET",
            static context => context.Response.WriteAsync(context.RequestServices.GetRequiredService<IConfiguration>()["UwsgiTests:Name"] ?? "nothing"));
        Assert.Equal("a=b c", (await app.AskAsync(Packets.Get())).Body);
        Assert.Equal("a=b c", Environment.GetEnvironmentVariable("UwsgiTests__Name"));
        Assert.Null(Environment.GetEnvironmentVariable("INI_TESTS_GONE"));
        Assert.Null(Environment.GetEnvironmentVariable("INI_TESTS_UNSET"));
    }

    [Fact]
    public async Task Pidfiles_hold_the_processs_number_while_the_app_runs()
    {
        var number = Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n";
        await using (await StartAsync("socket = 127.0.0.1:0\npidfile = {0}/one\npidfile2 = {0}/two\nsafe-pidfile = {0}/three\nsafe-pidfile2 = {0}/four"))
        {
            Assert.All((string[])["one", "two", "three", "four"], name => Assert.Equal(number, File.ReadAllText(_directory[name])));
            _directory.Write("four", "1\n");
        }

        Assert.All((string[])["one", "two", "three"], name => Assert.False(File.Exists(_directory[name])));
        Assert.Equal("1\n", File.ReadAllText(_directory["four"]));
    }

    [Fact]
    public async Task Threads_that_block_are_at_hand()
    {
        ThreadPool.GetMinThreads(out var before, out _);
        var wanted = before + 7;
        await using var app = await StartAsync($"socket = 127.0.0.1:0\nthreads = {wanted}");
        ThreadPool.GetMinThreads(out var after, out _);
        Assert.Equal(wanted, after);
        await using var fewer = await StartAsync("socket = 127.0.0.1:0\nthreads = 1");
        ThreadPool.GetMinThreads(out after, out _);
        Assert.Equal(wanted, after);
    }

    [Fact]
    public async Task Https_takes_certificates_as_uWSGI_writes_them()
    {
        using var known = CertificateDirectory.SelfSigned("known");
        using var unknown = CertificateDirectory.SelfSigned("unknown");
        using var certificates = new CertificateDirectory(known);
        var plain = $"{certificates.CertificatePath},{certificates.KeyPath}";
        await using (var app = await StartAsync($"https = 127.0.0.1:0,{plain},HIGH"))
        {
            Assert.Equal("hello", await AskHttpsAsync(app, certificates.Server, null));
            Assert.Contains(app.Logs.Of("Noted"), entry => entry.Message.EndsWith("https names ciphers, 'HIGH', which are not applied: the system's own are taken.", StringComparison.Ordinal));
        }

        foreach (var mark in (string[])["", "!"])
        {
            await using var app = await StartAsync(
                $"shared-socket = 127.0.0.1:0\nhttps = =0,{plain},,{mark}{certificates.FullPath}/clients.pem",
                static async context => await context.Response.WriteAsync((await context.Connection.GetClientCertificateAsync())?.Subject ?? "nobody"));
            Assert.Equal("CN=known", await AskHttpsAsync(app, certificates.Server, known));
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskHttpsAsync(app, certificates.Server, unknown));
            if (mark.Length == 0)
            {
                Assert.Equal("nobody", await AskHttpsAsync(app, certificates.Server, null));
            }
            else
            {
                await Assert.ThrowsAnyAsync<HttpRequestException>(() => AskHttpsAsync(app, certificates.Server, null));
            }
        }
    }

    [Theory]
    [EveryWay(OverHttp = true)]
    public async Task Harakiri_ends_a_request_that_sleeps(GatewayProtocol? protocol, GatewayTransport transport)
    {
        var handler = new StuckHandler(blocks: false);
        await using var app = await StartAsync(
            transport,
            Sockets + "harakiri = 1\nharakiri-graceful-timeout = 0\nharakiri-verbose = true",
            context => context.Request.Path == "/slow" ? handler.RunAsync(context) : context.Response.WriteAsync("quick"));
        app.Logs.Expect(static _ => true);
        using var end = handler;
        Assert.Equal("quick", (await app.AskAsync(protocol, "/")).Body);

        // Kestrel answers for no handler that is still at it: it cuts off.
        Assert.Equal(protocol is null ? 0 : 504, (await app.AskAsync(protocol, "/slow")).Status);
        Assert.Contains("\nHARAKIRI: -- ", Assert.Single(app.Logs.Of("Triggered")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [EveryWay(OverHttp = true)]
    public async Task Stats_are_sent_to_whoever_connects(GatewayProtocol? protocol, GatewayTransport transport)
    {
        await using var app = await StartAsync(transport, Sockets + "stats = {0}/s.sock\nstats-minified = true\nstats-no-cores = true");
        Assert.Equal("hello", (await app.AskAsync(protocol, "/")).Body);
        var text = "";
        await Eventually.TrueAsync(() =>
        {
            // Whoever has the answer may be faster than the server with what it does behind it.
            text = SocketPeer.AskAsync(SocketAt("s.sock"), []).Result.Text;
            return text.Contains("\"requests\":1,", StringComparison.Ordinal);
        });
        Assert.DoesNotContain('\t', text);
        using var document = JsonDocument.Parse(text);
        Assert.Equal(["fastcgi", "http", "scgi", "uwsgi"], document.RootElement.GetProperty("sockets").EnumerateArray().Select(static socket => socket.GetProperty("proto").GetString()).Order());
        Assert.False(document.RootElement.GetProperty("workers")[0].TryGetProperty("cores", out _));
    }

    [Fact]
    public async Task Stats_are_sent_by_HTTP_too()
    {
        await using var app = await StartAsync("socket = 127.0.0.1:0\nstats-server = {0}/s.sock\nstats-http = true");
        var text = (await SocketPeer.AskAsync(SocketAt("s.sock"), Http)).Text;
        Assert.StartsWith("HTTP/1.", text, StringComparison.Ordinal);
        Assert.Contains("application/json", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("log-format = %(method) %(uri) %(status)", "GET / 200")]
    [InlineData("log-format = %(method) %(uri) %(status)\ndisable-logging = true\nlog-5xx", null)]
    [InlineData("logformat = %(method)\nlog-big = 3\ndisable-logging = true", "GET")]
    [InlineData("req-logger = file:{0}/log\nlog-format = %(status)", "200")]
    public async Task Requests_are_logged_to_a_file(string lines, string? expected)
    {
        await using (var app = await StartAsync($"socket = 127.0.0.1:0\n{(lines.Contains("req-logger", StringComparison.Ordinal) ? "" : "logto = {0}/log\n")}{lines}"))
        {
            Assert.Equal("hello", (await app.AskAsync(Packets.Get())).Body);
        }

        Assert.Equal(expected is null ? "" : expected + "\n", File.ReadAllText(_directory["log"]));
    }

    [Theory]
    [EveryWay(OverHttp = true)]
    public async Task Requests_are_logged_whichever_way_they_come(GatewayProtocol? protocol, GatewayTransport transport)
    {
        await using (var app = await StartAsync(transport, Sockets + "logto = {0}/log\nlog-format = %(method) %(uri) %(status) %(rsize)"))
        {
            Assert.Equal("hello", (await app.AskAsync(protocol, "/a?b")).Body);
        }

        Assert.Equal("GET /a?b 200 5\n", File.ReadAllText(_directory["log"]));
    }

    [Fact]
    public async Task A_log_that_has_its_size_is_moved_away()
    {
        await using (var app = await StartAsync("socket = 127.0.0.1:0\nlogto = {0}/log\nlog-format = %(method) %(uri)\nlog-maxsize = 5\nlog-backupname = {0}/log.old\nlogfile-chmod = 604\ntouch-logreopen = {0}/reopen"))
        {
            Assert.Equal("hello", (await app.AskAsync(Packets.Get("/a"))).Body);
            await Eventually.TrueAsync(() => File.Exists(_directory["log.old"]));
        }

        Assert.Equal("GET /a\n", File.ReadAllText(_directory["log.old"]));
        Assert.Empty(File.ReadAllText(_directory["log"]));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead, File.GetUnixFileMode(_directory["log"]));
    }

    /// <summary>uWSGI's: 0 is no limit, and the owner is the one that the process was to have.</summary>
    [RootFact]
    public async Task A_log_may_be_the_users_whom_the_process_was_to_be()
    {
        await using (var app = await StartAsync("socket = 127.0.0.1:0\nlogto = {0}/log\nlog-maxsize = 0\nlogfile-chown = true\nuid = 12345\ngid = 54321"))
        {
            Assert.Equal("hello", (await app.AskAsync(Packets.Get())).Body);
            var owner = await FinishedProcess.RunAsync("stat", ["-c", "%u %g", _directory["log"]], []);
            Assert.Equal("12345 54321\n", System.Text.Encoding.UTF8.GetString(owner.Output));
        }

        Assert.Single(File.ReadAllLines(_directory["log"]));
    }

    [Fact]
    public async Task Requests_are_not_logged_where_nobody_asks_for_it()
    {
        foreach (var line in (string[])["", "disable-logging = true"])
        {
            await using var app = await StartAsync($"socket = 127.0.0.1:0\n{line}");
            Assert.Equal("hello", (await app.AskAsync(Packets.Get())).Body);
            Assert.DoesNotContain(app.Logs.Entries, entry => entry.Category == "Uwsgi.Protocol.RequestLog");
        }
    }

    [Theory]
    [EveryWay("static-map = /static={0}/files\nstatic-map = /one={0}/files/a.txt\ncheck-static = {0}/more", OverHttp = true)]
    [EveryWay("static-map = /static={0}/files\nstatic-map = /one={0}/files/a.txt\ncheck-static = {0}/more\noffload-threads = 2", OverHttp = true)]
    public async Task Files_are_answered_and_what_is_none_is_the_apps(GatewayProtocol? protocol, GatewayTransport transport, string lines)
    {
        _directory.Write("files/a.txt", "a file");
        _directory.Write("files-private/s.txt", "a secret");
        _directory.Write("more/b.txt", "another");
        await using var app = await StartAsync(transport, Sockets + lines);
        foreach (var (path, expected) in ((string, string)[])
        [
            ("/static/a.txt", "a file"),
            ("/one", "a file"),
            ("/b.txt", "another"),
            ("/staticfoo", "hello"),
            ("/static/../files-private/s.txt", "hello"),
            ("/static/none", "hello"),
            ("/a.txt", "hello"),
        ])
        {
            Assert.Equal((path, expected), (path, (await app.AskAsync(protocol, path)).Body));
        }
    }

    [Theory]
    [EveryWay("nginx", "nginx/1.22.1", "X-Accel-Redirect")]
    [EveryWay("x-sendfile", "Apache/2.4.62", "X-Sendfile")]
    public async Task Files_are_handed_to_the_front_end(GatewayProtocol protocol, GatewayTransport transport, string mode, string software, string header)
    {
        _directory.Write("files/a.txt", "a file");
        _directory.Write("more/b.txt", "another");
        await using var app = await StartAsync(transport, $"{Sockets}static-map = /static={{0}}/files\ncheck-static = {{0}}/more\nfile-serve-mode = {mode}");
        var requests = new RequestBytes(protocol);
        foreach (var (path, file) in ((string, string)[])[("/static/a.txt", "files/a.txt"), ("/b.txt", "more/b.txt")])
        {
            var answer = requests.Answer(await SocketPeer.AskAsync(app.EndPointOf(protocol), requests.Get(path, ("SERVER_SOFTWARE", software))));
            Assert.Equal((_directory[file], ""), (answer[header], answer.Body));
        }
    }

    [Fact]
    public async Task The_same_keys_work_without_a_file()
    {
        await using var app = await RunningApp.StartAsync(WebApplication.CreateBuilder(["--uwsgi:limit-post=5", "--uwsgi:harakiri=9"]), builder =>
        {
            builder.Configuration.AddJson("""{"uwsgi": {"socket": ["127.0.0.1:0"], "buffer-size": 1234, "master": true}}""");
            builder.WebHost.UseUwsgiProtocol(builder.Configuration);
        });
        Assert.Equal("hello", (await app.AskAsync(Packets.Get())).Body);
        var limits = app.Host.Services.GetRequiredService<IOptions<UwsgiProtocolOptions>>().Value.Limits;
        Assert.Equal(1234, limits.MaxRequestVariablesSize);
        Assert.Equal(TimeSpan.FromSeconds(9), app.Host.Services.GetRequiredService<IOptions<HarakiriOptions>>().Value.Timeout);
        Assert.Equal("uwsgi options: uwsgi:master: master needs the process master; it does nothing here.", Assert.Single(app.Logs.Of("Noted")).Message);
    }

    [Fact]
    public async Task The_configuration_is_shown_and_the_app_ends()
    {
        // As a program, whose output it is and whose working directory it changes.
        _directory.Write("inner/uwsgi.ini", "[uwsgi]\nuse = 1\nchdir = {0}\nsocket = a.sock\nsocket = :%(use)\nmaster = on\nvacuum\nenv = A=1\n".Replace("{0}", _directory.FullPath, StringComparison.Ordinal));
        foreach (var asked in (string[][])[["--show-config"], ["--uwsgi:show-config=true"], ["--uwsgi:harakiri=3", "--show-config"]])
        {
            var shown = await FinishedProcess.RunAsync(
                Environment.ProcessPath!, [typeof(UwsgiSectionHostTests).Assembly.Location, "serve-ini", _directory["inner/uwsgi.ini"], .. asked], []);
            Assert.Equal((0, ""), (shown.ExitCode, shown.Errors));
            Assert.Equal(
                $"""
                ;uWSGI instance configuration
                [uwsgi]
                chdir = {_directory.FullPath}
                env = A=1
                {(asked.Length == 2 ? "harakiri = 3\n" : "")}; master needs the process master
                master = true
                socket = a.sock
                socket = :1
                use = 1
                vacuum = true
                show-config = true
                ;end of configuration

                """,
                Encoding.UTF8.GetString(shown.Output));
            Assert.False(File.Exists(_directory["a.sock"]));
        }
    }

    [Fact]
    public async Task The_working_directory_is_changed_before_sockets_are_opened()
    {
        _directory.Write("inner/uwsgi.ini", $"[uwsgi]\nchdir = {_directory.FullPath}\nsocket = a.sock\npidfile = early.pid\nstatic-map = /static=files\n");
        _directory.Write("files/a.txt", "a file");
        await using var process = RunningProcess.Start(
            Environment.ProcessPath!, [typeof(UwsgiSectionHostTests).Assembly.Location, "serve-ini", _directory["inner/uwsgi.ini"]], _directory["inner"]);
        await Deadline.UntilAsync("the app accepts", async () => process.HasExited || await Accepting.IsAsync(SocketAt("a.sock")));
        Assert.Equal(_directory.FullPath, (await SocketPeer.AskAsync(SocketAt("a.sock"), Packets.Get())).Body);
        Assert.Equal("a file", (await SocketPeer.AskAsync(SocketAt("a.sock"), Packets.Get("/static/a.txt"))).Body);

        // Where uWSGI has it too: from where it was started.
        Assert.Equal($"{process.Id}\n", File.ReadAllText(_directory["inner/early.pid"]));
        process.AskToEnd();
        using var patience = new CancellationTokenSource(Deadline.Default);
        await process.WaitForExitAsync(patience.Token);
        Assert.Equal(0, process.ExitCode);
        Assert.False(File.Exists(_directory["a.sock"]) || File.Exists(_directory["inner/early.pid"]));
    }

    public void Dispose() => _directory.Dispose();

    private static byte[] Http => "GET / HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n"u8.ToArray();

    private UnixDomainSocketEndPoint SocketAt(string name) => new(_directory[name]);

    private Task<RunningApp> StartAsync(GatewayTransport transport, string lines, RequestDelegate? app = null) =>
        StartAsync(lines, app, builder => builder.Services.Configure<UwsgiProtocolOptions>(options => options.Transport = transport));

    private Task<RunningApp> StartAsync(string lines, RequestDelegate? app = null, Action<WebApplicationBuilder>? configure = null) =>
        Sections.StartAsync(_directory, lines.Replace("{0}", _directory.FullPath, StringComparison.Ordinal), app, configure);

    private static async Task<string> AskHttpsAsync(RunningApp app, X509Certificate2 server, X509Certificate2? own)
    {
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.GetCertHashString() == server.GetCertHashString(),
                ClientCertificates = own is null ? null : [own],
            },
        };
        using var client = new HttpClient(handler);
        return await client.GetStringAsync(app.Addresses.Single(address => address.StartsWith("https://", StringComparison.Ordinal))).Within();
    }
}
