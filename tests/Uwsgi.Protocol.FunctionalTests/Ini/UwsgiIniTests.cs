using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Ini;

/// <summary>An app that a uwsgi.ini has set up, behind a real nginx.</summary>
public sealed class UwsgiIniTests : IDisposable
{
    private const string Lines =
        """
        socket = 127.0.0.1:0
        fastcgi-socket = 127.0.0.1:0
        scgi-socket = 127.0.0.1:0
        http-socket = 127.0.0.1:0
        harakiri = 1
        limit-post = 1000
        static-map = /files=%dfiles
        offload-threads = 2
        stats = %dstats.sock
        logto = %drequests.log
        log-format = %(method) %(uri) %(status) %(rsize)
        """;

    private readonly TemporaryDirectory _directory = new();

    [FrontEndTheory("nginx")]
    [InlineData("Direct")]
    [InlineData("Kestrel")]
    public async Task What_the_file_says_is_so_by_every_protocol(string transport)
    {
        var content = new byte[300_000];
        new Random(1).NextBytes(content);
        Directory.CreateDirectory(_directory["files"]);
        await File.WriteAllBytesAsync(_directory["files/large"], content);
        await using (var app = await IniApp.StartAsync(_directory, transport, Lines))
        {
            Site[] sites = [.. Enum.GetValues<WireProtocol>().Select(protocol => Nginx.Before(app[protocol])), Nginx.Http(app.HttpPort)];
            await using var nginx = await Nginx.StartAsync(sites);
            await Task.WhenAll(sites.Select((site, i) => AskAsync(site, $"{i}", content)));

            // All of the file's sockets and requests are in it.
            await Deadline.UntilAsync("every request is counted", async () => (await StatsAsync()).GetProperty("workers")[0].GetProperty("requests").GetInt32() == 4 * sites.Length);
            var stats = await StatsAsync();
            Assert.Equal(["fastcgi", "http", "scgi", "uwsgi"], stats.GetProperty("sockets").EnumerateArray().Select(socket => socket.GetProperty("proto").GetString()).Order());
            Assert.Equal(sites.Length, stats.GetProperty("workers")[0].GetProperty("harakiri_count").GetInt32());
        }

        var expected = Enumerable.Range(0, 4).SelectMany(i => (string[])
        [
            $"GET /text.txt?{i} 200 {new FileInfo(Path.Combine(Path.GetDirectoryName(BuiltPrograms.ContractApp)!, "wwwroot", "text.txt")).Length}",
            $"GET /files/large?{i} 200 {content.Length}",
            $"POST /echo?{i} 413 0",
            $"GET /wait/{i} 504 0",
        ]);
        Assert.Equal(expected.Order(), (await File.ReadAllLinesAsync(_directory["requests.log"])).Order());
        Assert.False(File.Exists(_directory["stats.sock"]));
    }

    public void Dispose() => _directory.Dispose();

    private static async Task AskAsync(Site site, string number, byte[] content)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = site.Address, Timeout = Deadline.Default };
        Assert.NotEmpty(await client.GetStringAsync($"/text.txt?{number}"));
        Assert.Equal(content, await client.GetByteArrayAsync($"/files/large?{number}"));
        using var refused = await client.PostAsync($"/echo?{number}", new ByteArrayContent(new byte[1001]));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
        using var ended = await client.GetAsync($"/wait/{number}");
        Assert.Equal(HttpStatusCode.GatewayTimeout, ended.StatusCode);
    }

    private async Task<JsonElement> StatsAsync()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_directory["stats.sock"]));
        await using var stream = new NetworkStream(socket);
        return (await JsonDocument.ParseAsync(stream)).RootElement;
    }
}
