using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.Stats;

/// <summary>What reads uWSGI's stats reads ours: a program that is here, and those that are not by what they do with the document.</summary>
public class StatsClientTests
{
    [FrontEndTheory("uwsgi")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task uWSGI_reads_them(bool isUnix)
    {
        using var directory = new TemporaryDirectory();
        await using var app = await StatsApp.StartAsync(
            static context => context.Response.WriteAsync("hello"), options => options.Addresses.Add(directory["stats.sock"]));
        await await app.BeginAsync(GatewayProtocol.Uwsgi, "/");
        await app.EndedAsync(1);
        var finished = await FinishedProcess.RunAsync(
            Programs.PathOf("uwsgi"), ["--connect-and-read", isUnix ? directory["stats.sock"] : app.StatsEndPoint.ToString()!], []);
        var output = System.Text.Encoding.UTF8.GetString(finished.Output) + finished.Errors;
        var stats = JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..(output.LastIndexOf('}') + 1)]).RootElement;
        Assert.Equal(1, stats.GetProperty("workers")[0].GetProperty("requests").GetInt32());
    }

    /// <summary>
    /// uwsgitop: it adds up requests and tx, sorts by them, divides times by 1000, counts cores in use, and takes the version where it is there.
    /// A client's clock and a worker's pid must be numbers, the status a word.
    /// </summary>
    [Fact]
    public async Task What_uwsgitop_does_with_them_can_be_done()
    {
        await using var app = await StatsApp.StartAsync(static context => context.Response.WriteAsync("hello"));
        await await app.BeginAsync(GatewayProtocol.FastCgi, "/");
        await app.EndedAsync(1);
        var stats = await app.ReadAsync();
        var workers = stats.GetProperty("workers").EnumerateArray().ToArray();
        Assert.Equal(1, workers.Sum(worker => worker.GetProperty("requests").GetInt64()));
        Assert.True(workers.Sum(worker => worker.GetProperty("tx").GetInt64()) > 5);
        Assert.Matches("^[0-9]", stats.GetProperty("version").GetString());
        foreach (var key in new[] { "cwd", "uid", "gid", "pid", "listen_queue" })
        {
            _ = stats.GetProperty(key);
        }

        var worker = Assert.Single(workers);
        Assert.True(worker.GetProperty("avg_rt").GetInt64() / 1000 >= 0);
        Assert.True(worker.GetProperty("running_time").GetInt64() / 1000 >= 0);
        Assert.Contains(worker.GetProperty("status").GetString(), (string[])["idle", "busy", "cheap", "pause"]);
        foreach (var key in new[] { "id", "pid", "exceptions", "harakiri_count", "signals", "rss", "vsz", "last_spawn", "respawn_count" })
        {
            Assert.True(worker.GetProperty(key).GetInt64() >= 0);
        }

        Assert.Equal(0, worker.GetProperty("cores").EnumerateArray().Sum(core => core.GetProperty("in_request").GetInt32()));
    }

    /// <summary>
    /// uwsgi_exporter: Go's decoder into structs of int and string, so that another type anywhere fails the whole scrape; a worker of id 0 is
    /// none; of two sockets with the same labels the first one counts, and two apps or cores with them are an error of Prometheus'. What it decodes
    /// are the keys of <see cref="StatsKeysTests"/>, all but "locks" and "req_info".
    /// </summary>
    [Fact]
    public async Task What_uwsgi_exporter_does_with_them_can_be_done()
    {
        await using var app = await StatsApp.StartAsync(static context => context.Response.WriteAsync("hello"));
        await Task.WhenAll(await app.BeginAsync(null, "/"), await app.BeginAsync(GatewayProtocol.Scgi, "/"));
        await app.EndedAsync(2);
        var stats = await app.ReadAsync();
        var worker = stats.GetProperty("workers")[0];
        Assert.NotEqual(0, worker.GetProperty("id").GetInt32());
        var sockets = stats.GetProperty("sockets").EnumerateArray().Select(socket => (socket.GetProperty("name").GetString(), socket.GetProperty("proto").GetString())).ToArray();
        Assert.Equal(4, sockets.Distinct().Count());
        var cores = worker.GetProperty("cores").EnumerateArray().Select(core => core.GetProperty("id").GetInt32()).ToArray();
        Assert.Equal(cores.Distinct(), cores);
        Assert.All(worker.GetProperty("cores").EnumerateArray(), core =>
            Assert.All(core.GetProperty("vars").EnumerateArray(), variable => Assert.Equal(JsonValueKind.String, variable.ValueKind)));

        // Counters of Prometheus: they never go down, and are those of the cores.
        Assert.Equal(worker.GetProperty("requests").GetInt64(), worker.GetProperty("cores").EnumerateArray().Sum(core => core.GetProperty("requests").GetInt64()));
    }
}
