using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Offload;

/// <summary>A client that stops reading a large file, and an app with one place for requests.</summary>
public sealed class StalledReaderTests
{
    private const int Length = 200 << 20;

    [FrontEndTheory("nginx")]
    [CombinatorialData]
    public async Task Behind_nginx_it_is_in_nobodys_way_and_gets_all_of_it_later(WireProtocol protocol, bool isDirect)
    {
        await using var app = await OffloadApp.StartAsync(isDirect ? "Direct" : "Kestrel");
        using (var file = File.OpenHandle(Path.Combine(app.Files, "large"), FileMode.Create, FileAccess.Write))
        {
            RandomAccess.SetLength(file, Length);
        }

        var site = Nginx.Before(app[protocol], unix: false, streaming: true);
        await using var nginx = await Nginx.StartAsync(site);
        using var stalled = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await stalled.ConnectAsync(IPAddress.Loopback, site.Port);
        await stalled.SendAsync(Encoding.ASCII.GetBytes("GET /static/large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"));
        var buffer = new byte[1 << 18];
        var received = await stalled.ReceiveAsync(buffer.AsMemory(0, 1000));
        var head = Encoding.Latin1.GetString(buffer, 0, received);
        Assert.Contains($"Content-Length: {Length}\r\n", head, StringComparison.Ordinal);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = site.Address, Timeout = Deadline.Default };
        for (var i = 0; i < 200; i++)
        {
            Assert.Equal("/: the app\n", await AskAsync(client));
        }

        var total = (long)received - (head.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4);
        for (int more; (more = await stalled.ReceiveAsync(buffer.AsMemory())) > 0;)
        {
            total += more;
        }

        Assert.Equal(Length, total);
    }

    [Fact]
    public async Task By_HTTP_the_maps_answer_too()
    {
        await using var app = await OffloadApp.StartAsync();
        var content = app.Write("file.txt", 500_000);
        using var client = new HttpClient { BaseAddress = app.Http };
        foreach (var path in (string[])["static", "named", "result"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/{path}/file.txt") { Headers = { Range = new RangeHeaderValue(10, 399_999) } };
            using var response = await client.SendAsync(request);
            Assert.Equal((path, HttpStatusCode.PartialContent), (path, response.StatusCode));
            Assert.Equal(content[10..400_000], await response.Content.ReadAsByteArrayAsync());
            Assert.Equal(content, await client.GetByteArrayAsync(new Uri($"/{path}/file.txt", UriKind.Relative)));
        }
    }

    /// <summary>The one place may be free a moment after the last answer: whoever meets that is told so at once, and comes again soon.</summary>
    private static async Task<string> AskAsync(HttpClient client)
    {
        for (var i = 0; ; i++)
        {
            using var response = await client.GetAsync(new Uri("/", UriKind.Relative));
            if (response.StatusCode != HttpStatusCode.ServiceUnavailable || i == 20)
            {
                return await response.Content.ReadAsStringAsync();
            }

            // As Deadline does between two looks.
            await Task.Delay(10);
        }
    }
}
