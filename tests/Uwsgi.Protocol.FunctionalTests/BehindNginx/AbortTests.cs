using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.BehindNginx;

/// <summary>An answer that is cut off must look cut off. (A unix socket knows no reset: without a length the cut cannot be seen there.)</summary>
[Collection(NginxCollection.Name)]
public sealed class AbortTests(NginxFixture nginx)
{
    [FrontEndTheory("nginx")]
    [InlineData(false, true, false)]
    [InlineData(false, true, true)]
    [InlineData(false, false, false)]
    [InlineData(false, false, true)]
    [InlineData(true, true, false)]
    [InlineData(true, true, true)]
    public async Task An_abort_after_the_head_shows(bool unix, bool length, bool streaming)
    {
        var route = nginx[unix, streaming];
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        for (var i = 0; i < 10; i++)
        {
            var gate = Guid.NewGuid().ToString("n");
            using var response = await route.Client.GetAsync(
                new Uri(route.Address, $"/fail/abort/{gate}{(length ? "?length=1000" : "")}"), HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            var body = await response.Content.ReadAsStreamAsync(deadline.Token);
            var part = new byte["a part of the answer".Length];
            await body.ReadExactlyAsync(part, deadline.Token);

            using var opened = await route.Client.PostAsync(new Uri(route.Address, $"/gates/{gate}"), new StringContent("abort"), deadline.Token);
            await Assert.ThrowsAnyAsync<IOException>(async () => Assert.Equal(0, await body.ReadAsync(part, deadline.Token)));
        }
    }
}
