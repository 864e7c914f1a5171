using Uwsgi.Protocol.FunctionalTests.Routes;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.BehindNginx;

/// <summary>An answer that is cut off must look cut off. (A unix socket knows no reset: without a length the cut cannot be seen there.)</summary>
[Collection(NginxCollection.Name)]
public sealed class AbortTests(NginxFixture nginx)
{
    [FrontEndTheory("nginx")]
    [CombinatorialData]
    public Task An_abort_after_the_head_shows(WireProtocol protocol, bool length, bool streaming) =>
        AbortAsync(nginx[protocol, unix: false, streaming], length);

    [FrontEndTheory("nginx")]
    [CombinatorialData]
    public Task An_abort_after_a_head_with_a_length_shows_over_a_unix_socket(WireProtocol protocol, bool streaming) =>
        AbortAsync(nginx[protocol, unix: true, streaming], length: true);

    private static async Task AbortAsync(Route route, bool length)
    {
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
