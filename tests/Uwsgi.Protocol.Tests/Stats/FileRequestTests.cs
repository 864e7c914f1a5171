using System.Text.Json;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Hosting;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Stats;

/// <summary>Requests that files answer, as the stats count them and as their lines in the request log say it.</summary>
public sealed class FileRequestTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public FileRequestTests() => _directory.Write("www/file.txt", new string('x', 5000));

    public static TheoryData<GatewayProtocol?, GatewayTransport, int> Ways
    {
        get
        {
            var ways = new TheoryData<GatewayProtocol?, GatewayTransport, int>();
            foreach (object?[] way in LiveRequestTests.Ways)
            {
                ways.Add((GatewayProtocol?)way[0], (GatewayTransport)way[1]!, 0);
                ways.Add((GatewayProtocol?)way[0], (GatewayTransport)way[1]!, 2);
            }

            return ways;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_file_is_counted_and_its_line_says_how_it_went(GatewayProtocol? protocol, GatewayTransport transport, int threads)
    {
        string[] lines;
        await using (var app = await StartAsync(transport, threads))
        {
            string[] targets = ["/static/file.txt", "/sent", "/static/none", "/"];
            for (var i = 0; i < targets.Length; i++)
            {
                await await app.BeginAsync(protocol, targets[i]);
                await LoggedAsync(i + 1);
            }

            var stats = await app.ReadAsync();
            var worker = stats.GetProperty("workers")[0];
            var core = Assert.Single(worker.GetProperty("cores").EnumerateArray().ToArray());
            var isOffloaded = threads > 0 && protocol is not null;
            Assert.Equal((4, 1, isOffloaded ? 2 : 0), (Int(core, "requests"), Int(core, "static_requests"), Int(core, "offloaded_requests")));

            // uWSGI's apps count what was theirs.
            Assert.Equal((4, 3), (Int(worker, "requests"), Int(worker.GetProperty("apps")[0], "requests")));
            Assert.All(stats.GetProperty("sockets").EnumerateArray(), socket => Assert.Equal(
                threads > 0 && socket.GetProperty("proto").GetString() != "http" ? 1 : 0, Int(socket, "can_offload")));
            lines = File.ReadAllLines(_directory["log"]);
        }

        var via = protocol is null ? "" : threads > 0 ? " via offload()" : transport == GatewayTransport.Direct ? " via sendfile()" : "";
        var pid = Environment.ProcessId;
        Assert.Matches($@"^\[pid: {pid}\|app: -1\|req: -1/1\] .* GET /static/file\.txt => generated 5000 bytes in \d+ msecs{Escaped(via)} \(HTTP/1\.1 200\) \d+ headers in \d+ bytes \(0 switches on core 0\)$", lines[0]);
        Assert.Matches($@"^\[pid: {pid}\|app: 0\|req: 1/2\] .* GET /sent => generated 5000 bytes in \d+ msecs{Escaped(via)} \(HTTP/1\.1 200\) \d+ headers in \d+ bytes \(1 switches on core 0\)$", lines[1]);
        Assert.Matches(@"\|app: 0\|req: 2/3\] .* GET /static/none => generated 5 bytes in \d+ msecs \(HTTP", lines[2]);
        Assert.Matches(@"\|app: 0\|req: 3/4\] .* GET / => generated 5 bytes in \d+ msecs \(HTTP", lines[3]);
    }

    /// <summary>Without a body nothing is left to be offloaded, and the app has had none of it all the same.</summary>
    [Theory]
    [MemberData(nameof(LiveRequestTests.GatewayWays), MemberType = typeof(LiveRequestTests))]
    public async Task An_answer_without_a_body_is_static_and_not_offloaded(GatewayProtocol protocol, GatewayTransport transport)
    {
        await using var app = await StartAsync(transport, threads: 1);
        var requests = new RequestBytes(protocol);
        byte[][] asked = [[.. requests.Request("HEAD", "/static/file.txt"), .. requests.Body("")], requests.Get("/static/file.txt", ("HTTP_IF_NONE_MATCH", "*"))];
        for (var i = 0; i < asked.Length; i++)
        {
            var answer = requests.Answer(await SocketPeer.AskAsync(app.App.EndPointOf(protocol), asked[i]));
            Assert.Equal((i == 0 ? 200 : 304, ""), (answer.Status, answer.Body));
            await LoggedAsync(i + 1);
        }

        var core = (await app.ReadAsync()).GetProperty("workers")[0].GetProperty("cores")[0];
        Assert.Equal((2, 2, 0), (Int(core, "requests"), Int(core, "static_requests"), Int(core, "offloaded_requests")));
        Assert.All(File.ReadAllLines(_directory["log"]), line => Assert.Matches(@"app: -1\|req: -1/\d\] .* => generated 0 bytes in \d+ msecs \(HTTP", line));
    }

    /// <summary>As real uWSGI, asked the same, writes it: by sendfile(), or offloaded.</summary>
    [FrontEndTheory("uwsgi")]
    [InlineData(0)]
    [InlineData(1)]
    public async Task The_line_of_a_file_is_the_one_that_uWSGI_writes(int threads)
    {
        var port = FreePort.Next();
        await using var uwsgi = RunningProcess.Start(
            Programs.PathOf("uwsgi"),
            ["--uwsgi-socket", $"127.0.0.1:{port}", "--plugin", "notfound", "--notfound-log", "--static-map", $"/static={_directory["www"]}", "--offload-threads", $"{threads}", "--die-on-term", "--logto", _directory["uwsgi.log"]],
            _directory.FullPath);
        var uwsgiEnd = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, port);
        await Eventually.TrueAsync(() => Accepting.IsAsync(uwsgiEnd).GetAwaiter().GetResult());
        await using var app = await StartAsync(OperatingSystem.IsLinux() ? GatewayTransport.Direct : GatewayTransport.Kestrel, threads);
        byte[][] asked = [Packets.Get("/static/file.txt"), Packets.Request("HEAD", "/static/file.txt"), Packets.Get("/static/file.txt")];
        for (var i = 0; i < asked.Length; i++)
        {
            _ = await SocketPeer.AskAsync(uwsgiEnd, asked[i]);
            _ = await SocketPeer.AskAsync(app.App.EndPointOf(GatewayProtocol.Uwsgi), asked[i]);
            await LoggedAsync(i + 1);
        }

        await Eventually.TrueAsync(() => LinesOf("uwsgi.log").Length == asked.Length);
        Assert.Equal(LinesOf("uwsgi.log"), LinesOf("log"));
        Assert.Contains(threads == 0 ? " via sendfile() (" : " via offload() (", LinesOf("log")[0], StringComparison.Ordinal);
    }

    public void Dispose() => _directory.Dispose();

    // The last thing that is done about a request.
    private Task LoggedAsync(int count) => Eventually.TrueAsync(() => File.ReadAllLines(_directory["log"]).Length == count);

    // Without what a process and a moment have to themselves, and the response's headers.
    private string[] LinesOf(string file) => File.Exists(_directory[file])
        ? [.. File.ReadAllLines(_directory[file]).Where(line => line.StartsWith("[pid: ", StringComparison.Ordinal)).Select(line => System.Text.RegularExpressions.Regex.Replace(
            line, @"^\[pid: \d+|\[\w{3} \w{3} [ \d]\d [\d:]{8} \d{4}\]|\d+ msecs|\d+ headers in \d+ bytes", "_"))]
        : [];

    private static string Escaped(string text) => System.Text.RegularExpressions.Regex.Escape(text);

    private static long Int(JsonElement element, string name) => element.GetProperty(name).GetInt64();

    private Task<StatsApp> StartAsync(GatewayTransport transport, int threads) => StatsApp.StartAsync(
        context => context.Request.Path == "/sent" ? SendAsync(context) : context.Response.WriteAsync("hello"),
        transport: transport,
        configureBuilder: builder =>
        {
            builder.Services.AddOffload(offload =>
            {
                offload.StaticMaps.Add($"/static={_directory["www"]}");
                offload.OffloadThreads = threads;
            });
            builder.WebHost.UseUwsgiRequestLog(_directory["log"]);
        });

    private Task SendAsync(HttpContext context)
    {
        context.Response.Headers.ContentLength = 5000;
        return context.Response.SendFileAsync(_directory["www/file.txt"]);
    }
}
