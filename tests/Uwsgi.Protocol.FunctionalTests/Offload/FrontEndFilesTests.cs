using System.Net;
using System.Net.Http.Headers;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Offload;

/// <summary>Files that the front end sends itself, when the app has named them.</summary>
public sealed class FrontEndFilesTests
{
    private const string Name = "a b%41.bin";
    private const int Length = 3_000_000;

    [FrontEndTheory("nginx")]
    [InlineData("Direct")]
    [InlineData("Kestrel")]
    public async Task By_nginx(string transport)
    {
        await using var app = await OffloadApp.StartAsync(transport, "--MaxConcurrentRequests=10", "--Offload:XAccelRedirect:{files}=/internal/");
        app.Write(Name, Length);

        // nginx's own, of the same name: there is no doubt who has sent it.
        using var files = new TemporaryDirectory();
        var content = new byte[Length];
        new Random(1).NextBytes(content);
        await File.WriteAllBytesAsync(files[Name], content);
        var site = new Site("nginx", "accel-redirect.conf", "8000", app.Port).With("/srv/files", files.FullPath);
        await using var nginx = await Nginx.StartAsync(site);
        await SendsAsync(site, nginx, content, "X-Accel-Redirect");
        using var client = ClientOf(site);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(new Uri($"/internal/{Uri.EscapeDataString(Name)}", UriKind.Relative))).StatusCode);
    }

    [FrontEndTheory("lighttpd")]
    [InlineData("Direct")]
    [InlineData("Kestrel")]
    public Task By_lighttpd(string transport) => BySendfileAsync("lighttpd", "sendfile.conf", Lighttpd.StartAsync, transport);

    [FrontEndTheory("apache2", Apache.XSendfile)]
    [InlineData("Direct")]
    [InlineData("Kestrel")]
    public Task By_Apache(string transport) => BySendfileAsync("apache", "xsendfile.conf", Apache.StartXSendfileAsync, transport);

    private static async Task BySendfileAsync(string frontEnd, string configuration, Func<Site, Task<FrontEnd>> startAsync, string transport)
    {
        await using var app = await OffloadApp.StartAsync(transport, "--MaxConcurrentRequests=10", "--Offload:FrontEndXSendfile:0={files}");
        var content = app.Write(Name, Length);
        var site = new Site(frontEnd, configuration, "8000", app.Port).With("/srv/files", app.Files);
        await using var running = await startAsync(site);
        await SendsAsync(site, running, content, "X-Sendfile");
    }

    private static async Task SendsAsync(Site site, FrontEnd frontEnd, byte[] content, string header)
    {
        using var client = ClientOf(site);

        // Each by a protocol of its own, uwsgi's the first.
        foreach (var prefix in (string[])["", "fastcgi/", "scgi/"])
        {
            await SendsAsync(client, frontEnd, prefix, content, header);
        }
    }

    private static async Task SendsAsync(HttpClient client, FrontEnd frontEnd, string prefix, byte[] content, string header)
    {
        var path = new Uri($"/{prefix}static/{Uri.EscapeDataString(Name)}", UriKind.Relative);
        using (var whole = await client.GetAsync(path))
        {
            Assert.True(whole.StatusCode == HttpStatusCode.OK, $"{whole}\n{frontEnd.Log}");
            Assert.Equal(content, await whole.Content.ReadAsByteArrayAsync());
            Assert.False(whole.Headers.Contains(header));
            Assert.False(whole.Headers.Contains("X-LIGHTTPD-send-file"));
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Range = new RangeHeaderValue(1000, 1_999_999) } };
        using var part = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(content[1000..2_000_000], await part.Content.ReadAsByteArrayAsync());

        // What is no file is the app's, as ever.
        Assert.Equal($"/{prefix}static/none: the app\n", await client.GetStringAsync(new Uri($"/{prefix}static/none", UriKind.Relative)));
    }

    private static HttpClient ClientOf(Site site) =>
        new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = site.Address, Timeout = Deadline.Default };
}
