using System.Globalization;
using System.Net;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.BehindNginx;

/// <summary>A gigabyte passes through; it never stands in memory.</summary>
[Collection(NginxCollection.Name)]
public sealed class LargeStreamTests(NginxFixture nginx)
{
    private const long Gigabyte = 1L << 30;
    private const long MostMemory = 300L << 20;

    [FrontEndTheory("nginx")]
    [CombinatorialData]
    public async Task A_gigabyte_goes_down_in_little_memory(WireProtocol protocol, bool unix)
    {
        var route = nginx[protocol, unix, streaming: true];
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var response = await route.Client.GetAsync(new Uri(route.Address, $"/zeros/{Gigabyte}"), HttpCompletionOption.ResponseHeadersRead, deadline.Token);
        Assert.Equal(Gigabyte, response.Content.Headers.ContentLength);
        var body = await response.Content.ReadAsStreamAsync(deadline.Token);
        var buffer = new byte[1 << 18];
        var total = 0L;
        for (int read; (read = await body.ReadAsync(buffer, deadline.Token)) > 0;)
        {
            total += read;
        }

        Assert.Equal(Gigabyte, total);
        Assert.InRange(nginx.App.PeakMemory(), 1, MostMemory);
    }

    [FrontEndTheory("nginx")]
    [CombinatorialData]
    public async Task A_gigabyte_goes_up_in_little_memory(bool unix)
    {
        var route = nginx[WireProtocol.Uwsgi, unix, streaming: true];
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var response = await route.Client.PostAsync(new Uri(route.Address, "/count"), new Zeros(Gigabyte), deadline.Token);
        Assert.Equal(Gigabyte.ToString(CultureInfo.InvariantCulture), await response.Content.ReadAsStringAsync(deadline.Token));
        Assert.InRange(nginx.App.PeakMemory(), 1, MostMemory);
    }

    private sealed class Zeros(long length) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var block = new byte[1 << 18];
            for (var left = length; left > 0; left -= block.Length)
            {
                await stream.WriteAsync(block);
            }
        }

        protected override bool TryComputeLength(out long size)
        {
            size = length;
            return true;
        }
    }
}
