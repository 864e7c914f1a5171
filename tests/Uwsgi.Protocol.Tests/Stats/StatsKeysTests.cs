using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Harakiri;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.Stats;

/// <summary>uWSGI's stats, key for key, in its order, with its types: what its clients read.</summary>
public class StatsKeysTests
{
    private const string Number = "Number";
    private const string Text = "String";
    private const string List = "Array";
    private const string Map = "Object";

    private static readonly (string, string)[] Top =
    [
        ("version", Text), ("listen_queue", Number), ("listen_queue_errors", Number), ("signal_queue", Number), ("load", Number), ("pid", Number),
        ("uid", Number), ("gid", Number), ("cwd", Text), ("locks", List), ("sockets", List), ("workers", List),
    ];

    private static readonly (string, string)[] Socket =
        [("name", Text), ("proto", Text), ("queue", Number), ("max_queue", Number), ("shared", Number), ("can_offload", Number)];

    private static readonly (string, string)[] Worker =
    [
        ("id", Number), ("pid", Number), ("accepting", Number), ("requests", Number), ("delta_requests", Number), ("exceptions", Number),
        ("harakiri_count", Number), ("signals", Number), ("signal_queue", Number), ("status", Text), ("rss", Number), ("vsz", Number),
        ("running_time", Number), ("last_spawn", Number), ("respawn_count", Number), ("tx", Number), ("avg_rt", Number), ("apps", List), ("cores", List),
    ];

    private static readonly (string, string)[] App =
    [
        ("id", Number), ("modifier1", Number), ("mountpoint", Text), ("startup_time", Number), ("requests", Number), ("exceptions", Number), ("chdir", Text),
    ];

    private static readonly (string, string)[] Core =
    [
        ("id", Number), ("requests", Number), ("static_requests", Number), ("routed_requests", Number), ("offloaded_requests", Number),
        ("write_errors", Number), ("read_errors", Number), ("in_request", Number), ("vars", List), ("req_info", Map),
    ];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_keys_are_uWSGIs_with_its_types_and_in_its_order(bool isBusy)
    {
        var inside = new SyncPoint();
        await using var app = await StatsApp.StartAsync(context => context.Request.Path == "/slow" ? inside.MeetAsync() : Task.CompletedTask);
        await await app.BeginAsync(GatewayProtocol.Uwsgi, "/quick");
        await app.EndedAsync(1);
        var slow = isBusy ? await app.BeginAsync(GatewayProtocol.Uwsgi, "/slow") : Task.CompletedTask;
        if (isBusy)
        {
            await inside.Reached;
        }

        var stats = await app.ReadAsync();
        Assert.Equal(Top, KeysOf(stats));
        Assert.Equal(Socket, KeysOf(stats.GetProperty("sockets")[0]));
        var worker = Assert.Single(stats.GetProperty("workers").EnumerateArray().ToArray());
        Assert.Equal(Worker, KeysOf(worker));
        Assert.Equal(App, KeysOf(Assert.Single(worker.GetProperty("apps").EnumerateArray().ToArray())));
        var core = worker.GetProperty("cores")[0];
        Assert.Equal(Core, KeysOf(core));
        Assert.Equal(isBusy ? [("request_start", Number)] : [], KeysOf(core.GetProperty("req_info")));
        Assert.Equal(isBusy ? "busy" : "idle", worker.GetProperty("status").GetString());

        // As uWSGI has it: empty where idle, and an empty one behind the last.
        Assert.Equal(isBusy ? "" : null, StatsApp.Variables(core).LastOrDefault());
        inside.Continue();
        await slow;
    }

    /// <summary>Telegraf takes integers alone, and Go's JSON neither a fraction nor an exponent into one.</summary>
    [Fact]
    public async Task Every_number_is_a_whole_one_and_nothing_is_null()
    {
        await using var app = await StatsApp.StartAsync(static context => context.Response.WriteAsync("hello"));
        await await app.BeginAsync(GatewayProtocol.Scgi, "/");
        Check(await app.ReadAsync());

        static void Check(JsonElement value)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Number:
                    Assert.Matches("^[0-9]+$", value.GetRawText());
                    break;
                case JsonValueKind.Array:
                    Assert.All(value.EnumerateArray(), Check);
                    break;
                case JsonValueKind.Object:
                    Assert.All(value.EnumerateObject(), property => Check(property.Value));
                    break;
                default:
                    Assert.Equal(JsonValueKind.String, value.ValueKind);
                    break;
            }
        }
    }

    [Fact]
    public async Task The_figures_are_those_of_the_process_and_of_its_requests()
    {
        await using var app = await StatsApp.StartAsync(static context => context.Request.Path == "/fail"
            ? throw new InvalidOperationException("the app's")
            : context.Response.WriteAsync("hello"));
        app.App.Logs.Expect(entry => entry.Exception?.Message == "the app's");
        var lengths = 0;
        foreach (var target in new[] { "/", "/", "/fail" })
        {
            lengths += (await Hosting.SocketPeer.AskAsync(app.App.EndPointOf(GatewayProtocol.Uwsgi), InMemory.Packets.Get(target))).Bytes.Length;
        }

        await app.EndedAsync(3);
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var stats = await app.ReadAsync();
        var worker = stats.GetProperty("workers")[0];
        Assert.Equal(Environment.ProcessId, stats.GetProperty("pid").GetInt32());
        Assert.Equal(Environment.ProcessId, worker.GetProperty("pid").GetInt32());
        Assert.Equal(Environment.CurrentDirectory, stats.GetProperty("cwd").GetString());
        Assert.Equal((1, 3, 3, 1), (Int(worker, "id"), Int(worker, "requests"), Int(worker, "delta_requests"), Int(worker, "exceptions")));
        Assert.Equal((1, 1), (Int(worker, "accepting"), Int(worker, "respawn_count")));
        Assert.Equal(lengths, Int(worker, "tx"));
        Assert.InRange(Int(worker, "running_time"), Int(worker, "avg_rt"), long.MaxValue);
        Assert.InRange(Int(worker, "rss"), 10_000_000, Int(worker, "vsz"));
        Assert.InRange(Int(worker, "last_spawn"), before - 3600, before);
        Assert.Equal((3, 1), (Int(worker.GetProperty("apps")[0], "requests"), Int(worker.GetProperty("apps")[0], "exceptions")));
        Assert.Equal((0, 3, 0), (Int(worker.GetProperty("cores")[0], "id"), Int(worker.GetProperty("cores")[0], "requests"), Int(worker.GetProperty("cores")[0], "in_request")));
        if (OperatingSystem.IsLinux())
        {
            var status = File.ReadLines("/proc/self/status").Where(line => line.StartsWith("Uid:", StringComparison.Ordinal)).Single();
            Assert.Equal(status.Split('\t')[1], stats.GetProperty("uid").GetRawText());
        }
    }

    [Fact]
    public async Task A_request_that_took_too_long_is_counted_and_shown_until_its_handler_is_back()
    {
        var stuck = new SyncPoint();
        await using var app = await StatsApp.StartAsync(
            _ => stuck.MeetAsync(),
            configureBuilder: builder => builder.Services.AddHarakiri(options => (options.Timeout, options.Grace) = (TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(50))));
        var received = await Hosting.SocketPeer.AskAsync(app.App.EndPointOf(GatewayProtocol.Uwsgi), InMemory.Packets.Get());
        Assert.Equal(504, received.Status);
        var worker = (await app.ReadAsync()).GetProperty("workers")[0];
        Assert.Equal((1, 0), (Int(worker, "harakiri_count"), Int(worker, "requests")));
        Assert.Equal("busy", worker.GetProperty("status").GetString());
        stuck.Continue();
        await app.EndedAsync(1);
        worker = (await app.ReadAsync()).GetProperty("workers")[0];
        Assert.Equal((1, "idle"), (Int(worker, "harakiri_count"), worker.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task What_uWSGIs_own_options_leave_out_is_left_out()
    {
        await using var app = await StatsApp.StartAsync(static _ => Task.CompletedTask, options => (options.Minified, options.ShowCores) = (true, false));
        var text = await app.ReadTextAsync();
        Assert.DoesNotContain('\t', text);
        Assert.DoesNotContain('\n', text.TrimEnd('\n'));
        Assert.False(JsonDocument.Parse(text).RootElement.GetProperty("workers")[0].TryGetProperty("cores", out _));
    }

    private static long Int(JsonElement element, string name) => element.GetProperty(name).GetInt64();

    private static (string, string)[] KeysOf(JsonElement element) =>
        [.. element.EnumerateObject().Select(property => (property.Name, property.Value.ValueKind.ToString()))];
}
