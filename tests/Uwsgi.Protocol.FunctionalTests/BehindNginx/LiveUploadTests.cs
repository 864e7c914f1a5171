using System.Net;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.BehindNginx;

[Collection(NginxCollection.Name)]
public sealed class LiveUploadTests(NginxFixture nginx)
{
    [FrontEndTheory("nginx")]
    [CombinatorialData]
    public async Task With_uwsgi_request_buffering_off_the_app_reads_while_the_client_sends(bool unix)
    {
        var route = nginx[WireProtocol.Uwsgi, unix, streaming: true];
        var gate = Guid.NewGuid().ToString("n");
        using var response = await route.Client.PostAsync(new Uri(route.Address, $"/live-upload/{gate}"), new Halves(() =>
            Deadline.UntilAsync("the app has read the first half", async () =>
                await route.Client.GetStringAsync(new Uri(route.Address, $"/journal/{gate}")) == "5000")));
        Assert.Equal("10000 in all", await response.Content.ReadAsStringAsync());
    }

    /// <summary>Sends the second half only when the first has been read at the other end.</summary>
    private sealed class Halves(Func<Task> between) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(new byte[5000]);
            await stream.FlushAsync();
            await between();
            await stream.WriteAsync(new byte[5000]);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 10000;
            return true;
        }
    }
}
