using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Uwsgi.Protocol.RequestLog;
using Uwsgi.Protocol.Requests;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Harakiri;
using Uwsgi.Protocol.Tests.InMemory;
using Uwsgi.Protocol.Tests.Rules;

namespace Uwsgi.Protocol.Tests.RequestLog;

/// <summary>Each request has its line, however it ends.</summary>
public class RequestLogTests
{
    private const string Format = "%(method) %(uri) %(status) %(rsize) %(end)";

    [Theory]
    [EveryProtocol]
    public async Task A_request_has_uwsgis_line(GatewayProtocol protocol)
    {
        await using var log = new Log(protocol, static context => context.Response.WriteAsync("hello"), format: null);
        log.Server.Time.Advance(TimeSpan.FromSeconds(3));
        var request = log.Server.Requests.Get("/a/b?c=d", ("REMOTE_USER", "me"));
        var answer = await log.Server.AnswerAsync(request);
        Assert.Equal(200, answer.Status);

        // Of SCGI two more: CONTENT_LENGTH and SCGI are in every request.
        var names = protocol == GatewayProtocol.Scgi ? 14 : 12;
        var line = Assert.Single(await log.LinesAsync());
        var started = log.Server.Time.GetUtcNow().ToLocalTime().ToString("ddd MMM ", CultureInfo.InvariantCulture);
        Assert.StartsWith($"[pid: {Environment.ProcessId}|app: 0|req: 1/1] 192.0.2.7 (me) {{{2 * names} vars in ", line, StringComparison.Ordinal);
        Assert.Contains($" bytes}} [{started}", line, StringComparison.Ordinal);
        var headers = answer.Headers.Count(static header => !header.StartsWith("Status:", StringComparison.Ordinal));
        Assert.EndsWith(
            $"] GET /a/b?c=d => generated 5 bytes in 0 msecs (HTTP/1.1 200) {headers} headers in {answer.Head.Length + 4} bytes (1 switches on core 0)",
            line, StringComparison.Ordinal);
    }

    [Theory]
    [EveryProtocol]
    public async Task A_packets_size_is_that_of_its_variables(GatewayProtocol protocol)
    {
        await using var log = new Log(protocol, static _ => Task.CompletedTask, "%(pktsize) %(vars)");
        // SCGI's own variable, in the others too.
        (string, string)[] scgi = protocol == GatewayProtocol.Scgi ? [] : [("SCGI", "1")];
        byte[] end = protocol == GatewayProtocol.FastCgi ? log.Server.Requests.Body("") : [];
        _ = await log.Server.AnswerAsync([.. log.Server.Requests.Head([("CONTENT_LENGTH", "0"), .. scgi, ("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/")]), .. end]);

        // Lengths of two bytes in uwsgi and of one byte in FastCGI, zeros in SCGI.
        var around = protocol == GatewayProtocol.Uwsgi ? 4 : 2;
        Assert.Equal($"{"CONTENT_LENGTH0SCGI1REQUEST_METHODGETREQUEST_URI/".Length + (4 * around)} 8", Assert.Single(await log.LinesAsync()));
    }

    [Theory]
    [EveryProtocol]
    public async Task A_failure_of_the_app_is_a_500(GatewayProtocol protocol)
    {
        await using var log = new Log(protocol, static _ => throw new InvalidOperationException("no"));
        log.Server.Logs.Expect("ApplicationError");
        _ = await log.Server.AnswerAsync(log.Server.Requests.Get("/fail"));
        Assert.Equal("GET /fail 500 0 Completed", Assert.Single(await log.LinesAsync()));
    }

    [Theory]
    [EveryProtocol]
    public async Task A_response_that_breaks_off_is_a_500_whatever_it_began_with(GatewayProtocol protocol)
    {
        var inside = new SyncPoint();
        await using var log = new Log(protocol, async context =>
        {
            await context.Response.WriteAsync("half");
            await inside.MeetAsync();
            throw new InvalidOperationException("no");
        });
        log.Server.Logs.Expect("ApplicationError");
        var connection = log.Server.Connect(log.Server.Requests.Get("/half"));

        // Before it has left, a 500 may still take its place.
        _ = await connection.ReadAsync(1);
        inside.Continue();
        _ = await connection.ReadToEndAsync();
        await connection.Execution.Within();
        Assert.Equal("GET /half 500 4 AppFailed", Assert.Single(await log.LinesAsync()));
    }

    [Theory]
    [EveryProtocol]
    public async Task A_client_that_goes_away_is_a_499(GatewayProtocol protocol)
    {
        var inside = new SyncPoint();
        await using var log = new Log(protocol, async context =>
        {
            await inside.MeetAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var connection = log.Server.Connect(log.Server.Requests.Get("/slow"));
        await inside.Reached;
        connection.Reset();
        inside.Continue();
        await connection.Execution.Within();
        Assert.Equal("GET /slow 499 0 PeerGone", Assert.Single(await log.LinesAsync()));
    }

    [Theory]
    [EveryProtocol(false)]
    [EveryProtocol(true)]
    public async Task A_request_that_is_killed_is_a_504_at_once_and_not_again_when_its_handler_comes_back(GatewayProtocol protocol, bool blocks)
    {
        var handler = new StuckHandler(blocks);
        await using var log = new Log(protocol, context =>
        {
            context.SetUwsgiLogVariable("tenant", "acme");
            return handler.RunAsync(context);
        }, Format + " %(secs) %(headers) %(tenant)");
        log.Server.WatchWith(new HarakiriOptions { Grace = TimeSpan.Zero });
        var connection = log.Server.Connect(log.Server.Requests.Get("/slow"));
        using var release = await handler.ReachedAsync();
        log.Server.LetTimePass(TimeSpan.FromSeconds(30));
        await Eventually.TrueAsync(() => log.Lines.Length == 1);
        Assert.Equal("GET /slow 504 0 Harakiri 30.000000 2 acme", log.Lines[0]);
        Assert.False(connection.Execution.IsCompleted);

        log.Server.Time.Advance(TimeSpan.FromSeconds(5));
        handler.Release();
        await log.Server.LetTimePassUntilEndOf(connection);
        Assert.Single(await log.LinesAsync());
    }

    [Theory]
    [EveryProtocol]
    public async Task A_response_that_is_cut_by_a_kill_is_told_with_what_has_left_of_it(GatewayProtocol protocol)
    {
        var handler = new StuckHandler(blocks: false);
        await using var log = new Log(protocol, async context =>
        {
            await Task.Yield();
            await context.Response.WriteAsync("half of it");
            await context.Response.Body.FlushAsync();
            await handler.RunAsync(context);
        });
        Assert.Equal("GET /half 504 10 Harakiri", await KilledLineAsync(log, handler, "/half"));
    }

    [Theory]
    [EveryProtocol]
    public async Task A_response_that_is_complete_is_told_as_such_though_its_handler_is_stuck(GatewayProtocol protocol)
    {
        var handler = new StuckHandler(blocks: false);
        await using var log = new Log(protocol, async context =>
        {
            await context.Response.WriteAsync("all of it");
            await context.Response.CompleteAsync();
            await handler.RunAsync(context);
        });
        Assert.Equal("GET /whole 200 9 Completed", await KilledLineAsync(log, handler, "/whole"));
    }

    [Theory]
    [EveryProtocol]
    public async Task A_client_that_had_gone_before_the_kill_is_a_499(GatewayProtocol protocol)
    {
        var handler = new StuckHandler(blocks: false);
        var inside = new SyncPoint();
        await using var log = new Log(protocol, async context =>
        {
            await inside.MeetAsync();
            while (!(await context.Response.BodyWriter.WriteAsync("to nobody"u8.ToArray())).IsCompleted)
            {
                await Task.Yield();
            }

            await handler.RunAsync(context);
        }, "%(method) %(uri) %(status) %(end)");
        log.Server.WatchWith(new HarakiriOptions { Grace = TimeSpan.Zero });
        var connection = log.Server.Connect(log.Server.Requests.Get("/gone"));
        await inside.Reached;
        connection.Reset();
        inside.Continue();
        using var release = await handler.ReachedAsync();
        log.Server.LetTimePass(TimeSpan.FromSeconds(30));
        await Eventually.TrueAsync(() => log.Lines.Length == 1);
        handler.Release();
        await log.Server.LetTimePassUntilEndOf(connection);
        Assert.Equal("GET /gone 499 PeerGone", Assert.Single(await log.LinesAsync()));
    }

    [Theory]
    [EveryProtocol]
    public async Task A_request_that_is_refused_is_logged(GatewayProtocol protocol)
    {
        await using var log = new Log(protocol, static _ => Task.CompletedTask, configure: options => options.Limits.MaxRequestVariableCount = 5);
        _ = await log.Server.AskAndCloseAsync(log.Server.Requests.Get("/many"));
        Assert.Equal("- - 431 0 TooManyVariables", Assert.Single(await log.LinesAsync()));
    }

    [Theory]
    [EveryProtocol]
    public async Task A_request_that_makes_no_sense_is_logged_as_far_as_it_was_read(GatewayProtocol protocol)
    {
        await using var log = new Log(protocol, static _ => Task.CompletedTask);
        _ = await log.Server.AskAndCloseAsync(log.Server.Requests.Get("/a", ("REQUEST_METHOD", "GET\n[pid: 1]")));
        Assert.Equal(@"GET\x0A[pid:\x201] /a 400 0 InvalidMethod", Assert.Single(await log.LinesAsync()));
    }

    [Theory]
    [EveryProtocol]
    public async Task A_request_for_which_there_is_no_room_is_a_503(GatewayProtocol protocol)
    {
        var inside = new SyncPoint();
        await using var log = new Log(protocol, _ => inside.MeetAsync(), configure: options => options.Limits.MaxConcurrentRequests = 1);
        var first = log.Server.Connect(log.Server.Requests.Get("/first"));
        await inside.Reached;
        _ = await log.Server.AskAndCloseAsync(log.Server.Requests.Get("/second"));
        inside.Continue();
        first.EndInput();
        await first.Execution.Within();

        // By FastCGI that is known before the request's variables are.
        var second = protocol == GatewayProtocol.FastCgi ? "- -" : "GET /second";
        Assert.Equal([$"{second} 503 0 TooManyRequests", "GET /first 200 0 Completed"], await log.LinesAsync());
    }

    [Theory]
    [EveryProtocol]
    public async Task What_the_app_says_is_in_the_line_and_in_no_other(GatewayProtocol protocol)
    {
        await using var log = new Log(protocol, static context =>
        {
            if (context.Request.Path == "/a")
            {
                context.SetUwsgiLogVariable("tenant", "none");
                context.SetUwsgiLogVariable("tenant", "one\n\"two\"");
            }

            return Task.CompletedTask;
        }, "%(uri) %(tenant)");
        _ = await log.Server.AnswerAsync(log.Server.Requests.Get("/a"));
        _ = await log.Server.AnswerAsync(log.Server.Requests.Get("/b"));
        Assert.Equal([@"/a one\x0A\x22two\x22", "/b -"], await log.LinesAsync());
    }

    [Fact]
    public async Task Cores_are_as_many_as_there_are_requests_at_a_time()
    {
        var inside = new SyncPoint();
        await using var log = new Log(GatewayProtocol.Uwsgi, context => context.Request.Path == "/first" ? inside.MeetAsync() : Task.CompletedTask, "%(uri) %(core)");
        var first = log.Server.Connect(Packets.Get("/first"));
        await inside.Reached;
        _ = await log.Server.AskAsync(Packets.Get("/second"));
        inside.Continue();
        _ = await first.ReadToEndAsync();
        await first.Execution.Within();
        _ = await log.Server.AskAsync(Packets.Get("/third"));
        Assert.Equal(["/second 1", "/first 0", "/third 0"], await log.LinesAsync());
    }

    [Theory]
    [InlineData("/ok", false)]
    [InlineData("/empty", true)]
    [InlineData("/missing", true)]
    [InlineData("/fail", true)]
    [InlineData("/slow", true)]
    [InlineData("/large", true)]
    public async Task Where_not_all_are_logged_those_are_that_a_setting_names(string path, bool isLogged)
    {
        await using var log = new Log(GatewayProtocol.Uwsgi, NewApp(), "%(uri)", configureLog: static options =>
        {
            options.LogAll = false;
            options.LogEmpty = true;
            options.Log4xx = true;
            options.Log5xx = true;
            options.LogSlowerThan = TimeSpan.FromSeconds(2);
            options.LogLargerThan = 1000;
        });
        await AskAsync(log, path);
        Assert.Equal(isLogged ? [path] : [], await log.LinesAsync());
    }

    [Theory]
    [InlineData("empty", "/empty")]
    [InlineData("4xx", "/missing")]
    [InlineData("5xx", "/fail")]
    [InlineData("slow", "/slow")]
    [InlineData("large", "/large")]
    [InlineData("nothing", null)]
    public async Task A_setting_names_its_own_requests_alone(string setting, string? logged)
    {
        await using var log = new Log(GatewayProtocol.Uwsgi, NewApp(), "%(uri)", configureLog: options =>
        {
            options.LogAll = false;
            options.LogEmpty = setting == "empty";
            options.Log4xx = setting == "4xx";
            options.Log5xx = setting == "5xx";
            options.LogSlowerThan = setting == "slow" ? TimeSpan.FromSeconds(2) : null;
            options.LogLargerThan = setting == "large" ? 1000 : null;
        });
        foreach (var path in new[] { "/ok", "/empty", "/missing", "/fail", "/slow", "/large" })
        {
            await AskAsync(log, path);
        }

        Assert.Equal(logged is null ? [] : [logged], await log.LinesAsync());
    }

    /// <summary>The line of a request that is killed while its handler is stuck: there before that comes back, and the only one.</summary>
    private static async Task<string> KilledLineAsync(Log log, StuckHandler handler, string path)
    {
        log.Server.WatchWith(new HarakiriOptions { Grace = TimeSpan.Zero });
        var connection = log.Server.Connect(log.Server.Requests.Get(path));
        using var release = await handler.ReachedAsync();
        log.Server.LetTimePass(TimeSpan.FromSeconds(30));
        await Eventually.TrueAsync(() => log.Lines.Length == 1);
        handler.Release();
        await log.Server.LetTimePassUntilEndOf(connection);
        return Assert.Single(await log.LinesAsync());
    }

    private static RequestDelegate NewApp() => static context =>
    {
        context.Response.StatusCode = context.Request.Path.Value switch { "/missing" => 404, "/fail" => 503, _ => 200 };
        if (context.Request.Path == "/slow")
        {
            ((Action)context.Items["pass"]!)();
        }

        return context.Request.Path.Value switch
        {
            "/empty" => Task.CompletedTask,
            "/large" => context.Response.WriteAsync(new string('x', 1000)),
            _ => context.Response.WriteAsync("hello"),
        };
    };

    private static async Task AskAsync(Log log, string path) => Assert.NotEqual(0, (await log.Server.AskAsync(Packets.Get(path))).Status);

    /// <summary>A server that logs its requests.</summary>
    private sealed class Log : IAsyncDisposable
    {
        private readonly LogCapture _lines = new();
        private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        private readonly RequestLogListener _listener;

        public Log(
            GatewayProtocol protocol, RequestDelegate app, string? format = Format,
            Action<UwsgiProtocolOptions>? configure = null, Action<UwsgiRequestLogOptions>? configureLog = null)
        {
            Server = InMemoryServer.Of(protocol, context =>
            {
                context.Items["pass"] = () => Server!.Time.Advance(TimeSpan.FromSeconds(2));
                return app(context);
            }, configure);
            var options = new UwsgiRequestLogOptions { Format = format };
            configureLog?.Invoke(options);
            _listener = new RequestLogListener(
                Options.Create(options), _services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(), _lines.CreateFactory(), Server.Time);
            Server.Table = new RequestTable([_listener], Server.Time);
        }

        public InMemoryServer Server { get; }

        /// <summary>The lines so far, without waiting for any.</summary>
        public string[] Lines => [.. _lines.Entries.Select(entry => entry.Message)];

        /// <summary>The lines so far, once those have ended that the test has waited for; there are no others behind.</summary>
        public async Task<string[]> LinesAsync()
        {
            await Server.DisposeAsync();
            _listener.Dispose();
            Assert.All(_lines.Entries, entry => Assert.Equal(("Uwsgi.Protocol.RequestLog", "Request"), (entry.Category, entry.Event.Name)));
            return Lines;
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Dispose();
            await _services.DisposeAsync();
        }
    }
}
