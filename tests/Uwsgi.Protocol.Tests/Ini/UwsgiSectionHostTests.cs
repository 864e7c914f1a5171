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
            await using var app = await StartAsync(lines, configure: builder => builder.Services.Configure<UwsgiProtocolOptions>(options => options.Transport = transport));
            var requests = new RequestBytes(protocol);
            var received = requests.Answer(await SocketPeer.AskAsync(app.EndPointOf(protocol), requests.Get()));
            Assert.Equal("hello", received.Body);
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

    [Fact]
    public async Task All_protocols_at_once_are_one_app()
    {
        await using var app = await StartAsync(
            "socket = 127.0.0.1:0\nsocket = {0}/u.sock\nfastcgi-socket = 127.0.0.1:0\nscgi-socket = 127.0.0.1:0\nhttp-socket = 127.0.0.1:0",
            static context => context.Response.WriteAsync(context.Features.Get<IGatewayRequestFeature>()?.Protocol.ToString() ?? "Http"));
        foreach (var protocol in (GatewayProtocol[])[GatewayProtocol.Uwsgi, GatewayProtocol.FastCgi, GatewayProtocol.Scgi])
        {
            var requests = new RequestBytes(protocol);
            Assert.Equal($"{protocol}", requests.Answer(await SocketPeer.AskAsync(app.EndPointOf(protocol), requests.Get())).Body);
        }

        Assert.Equal(2, app.EndPoints.Length);
        Assert.Equal("Http", await app.GetAsync());
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

    [Fact]
    public async Task Limits_are_those_of_the_server_and_of_Kestrel()
    {
        await using var app = await StartAsync(
            "socket = 127.0.0.1:0\nhttp = 127.0.0.1:0\nbuffer-size = 700\nmax-vars = 20\nlimit-post = 5\nsocket-timeout = 9\nlisten = 77",
            static async context => await context.Response.WriteAsync($"{await new StreamReader(context.Request.Body).ReadToEndAsync()}"));
        var options = app.Host.Services.GetRequiredService<IOptions<UwsgiProtocolOptions>>().Value;
        Assert.Equal(TimeSpan.FromSeconds(9), options.Limits.RequestHeadTimeout);
        Assert.Equal(77, options.Backlog);

        Assert.StartsWith("HTTP/1.1 200", (await app.AskAsync(Packets.Get())).Text, StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 431", (await app.AskAsync(Packets.Get("/" + new string('x', 700)))).Text, StringComparison.Ordinal);
        var many = Enumerable.Range(0, 12).Select(i => ($"V{i}", "")).ToArray();
        Assert.StartsWith("HTTP/1.1 431", (await app.AskAsync(Packets.Get("/", many))).Text, StringComparison.Ordinal);

        Assert.Equal("12345", (await app.AskAsync(Packets.Post("12345"))).Body);
        app.Logs.Expect(static _ => true);
        Assert.StartsWith("HTTP/1.1 413", (await app.AskAsync(Packets.Post("123456"))).Text, StringComparison.Ordinal);
        using var client = new HttpClient();
        using var answer = await client.PostAsync(app.HttpAddress, new StringContent("123456")).Within();
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
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
    [InlineData(GatewayProtocol.Uwsgi, "socket")]
    [InlineData(GatewayProtocol.FastCgi, "fastcgi-socket")]
    [InlineData(GatewayProtocol.Scgi, "scgi-socket")]
    public async Task Harakiri_ends_a_request_that_sleeps(GatewayProtocol protocol, string option)
    {
        var handler = new StuckHandler(blocks: false);
        await using var app = await StartAsync(
            $"{option} = 127.0.0.1:0\nhttp = 127.0.0.1:0\nharakiri = 1\nharakiri-graceful-timeout = 0\nharakiri-verbose = true",
            context => context.Request.Path == "/slow" ? handler.RunAsync(context) : context.Response.WriteAsync("quick"));
        app.Logs.Expect(static _ => true);
        using var end = handler;
        var requests = new RequestBytes(protocol);
        Assert.Equal("quick", requests.Answer(await SocketPeer.AskAsync(app.EndPointOf(protocol), requests.Get())).Body);
        Assert.Contains(" 504 ", requests.Answer(await SocketPeer.AskAsync(app.EndPointOf(protocol), requests.Get("/slow"))).Text, StringComparison.Ordinal);
        using var client = new HttpClient();

        // Kestrel answers for no handler that is still at it: it cuts off.
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(app.HttpAddress + "/slow").Within());
    }

    [Fact]
    public async Task Stats_are_sent_to_whoever_connects()
    {
        await using var app = await StartAsync("socket = 127.0.0.1:0\nstats = {0}/s.sock\nstats-minified = true\nstats-no-cores = true");
        Assert.Equal("hello", (await app.AskAsync(Packets.Get())).Body);
        var text = (await SocketPeer.AskAsync(SocketAt("s.sock"), [])).Text;
        using var document = JsonDocument.Parse(text);
        Assert.DoesNotContain('\t', text);
        Assert.Equal(1, document.RootElement.GetProperty("workers")[0].GetProperty("requests").GetInt32());
        Assert.False(document.RootElement.GetProperty("workers")[0].TryGetProperty("cores", out var cores) && cores.GetArrayLength() > 0);
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
    [InlineData("static-map = /static={0}/files", "/static/a.txt", "a file")]
    [InlineData("static-map = /static={0}/files\noffload-threads = 2", "/static/a.txt", "a file")]
    [InlineData("static-map = /one={0}/files/a.txt", "/one", "a file")]
    [InlineData("check-static = {0}/files", "/a.txt", "a file")]
    [InlineData("static-map = /static={0}/files", "/staticfoo", "hello")]
    [InlineData("static-map = /static={0}/files", "/static/../files-private/s.txt", "hello")]
    [InlineData("static-map = /static={0}/files", "/static/none", "hello")]
    public async Task Files_are_answered_and_what_is_none_is_the_apps(string line, string path, string expected)
    {
        _directory.Write("files/a.txt", "a file");
        _directory.Write("files-private/s.txt", "a secret");
        foreach (var (option, protocol) in ((string, GatewayProtocol)[])[("socket", GatewayProtocol.Uwsgi), ("scgi-socket", GatewayProtocol.Scgi), ("fastcgi-socket", GatewayProtocol.FastCgi)])
        {
            await using var app = await StartAsync($"{option} = 127.0.0.1:0\n{line}");
            var requests = new RequestBytes(protocol);
            Assert.Equal(expected, requests.Answer(await SocketPeer.AskAsync(app.EndPointOf(protocol), requests.Get(path))).Body);
        }
    }

    [Theory]
    [InlineData("nginx", "nginx/1.22.1", "X-Accel-Redirect: {0}/files/a.txt")]
    [InlineData("x-sendfile", "lighttpd/1.4.69", "X-Sendfile: {0}/files/a.txt")]
    public async Task Files_are_handed_to_the_front_end(string mode, string software, string expected)
    {
        _directory.Write("files/a.txt", "a file");
        await using var app = await StartAsync($"scgi-socket = 127.0.0.1:0\nstatic-map = /static={{0}}/files\nfile-serve-mode = {mode}");
        var requests = new RequestBytes(GatewayProtocol.Scgi);
        var answer = await SocketPeer.AskAsync(app.EndPointOf(GatewayProtocol.Scgi), requests.Get("/static/a.txt", ("SERVER_SOFTWARE", software)));
        Assert.Contains(expected.Replace("{0}", _directory.FullPath, StringComparison.Ordinal), answer.Text, StringComparison.Ordinal);
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
        _directory.Write("inner/uwsgi.ini", $"[uwsgi]\nchdir = {_directory.FullPath}\nsocket = a.sock\npidfile = early.pid\n");
        await using var process = RunningProcess.Start(
            Environment.ProcessPath!, [typeof(UwsgiSectionHostTests).Assembly.Location, "serve-ini", _directory["inner/uwsgi.ini"]], _directory["inner"]);
        await Deadline.UntilAsync("the app accepts", async () => process.HasExited || await Accepting.IsAsync(SocketAt("a.sock")));
        Assert.Equal(_directory.FullPath, (await SocketPeer.AskAsync(SocketAt("a.sock"), Packets.Get())).Body);

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
