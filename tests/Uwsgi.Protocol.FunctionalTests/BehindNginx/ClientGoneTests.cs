using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.BehindNginx;

[Collection(NginxCollection.Name)]
public sealed class ClientGoneTests(NginxFixture nginx)
{
    [FrontEndTheory("nginx")]
    [CombinatorialData]
    public async Task A_client_that_goes_away_aborts_its_request(WireProtocol protocol, bool unix, bool streaming)
    {
        var route = nginx[protocol, unix, streaming];
        var gate = Guid.NewGuid().ToString("n");
        using var client = new CancellationTokenSource();
        var waiting = route.Client.GetAsync(new Uri(route.Address, $"/wait/{gate}"), client.Token);
        await JournalAsync("waiting");

        await client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await JournalAsync("aborted");

        Task JournalAsync(string entry) => Deadline.UntilAsync($"the journal says {entry}", async () =>
            await route.Client.GetStringAsync(new Uri(route.Address, $"/journal/{gate}")) == entry);
    }

    [FrontEndTheory("nginx")]
    [CombinatorialData]
    public async Task A_client_that_stays_is_answered(WireProtocol protocol, bool unix, bool streaming)
    {
        var route = nginx[protocol, unix, streaming];
        var gate = Guid.NewGuid().ToString("n");
        var waiting = route.Client.GetStringAsync(new Uri(route.Address, $"/wait/{gate}"));
        await Deadline.UntilAsync("the request waits", async () => await route.Client.GetStringAsync(new Uri(route.Address, $"/journal/{gate}")) == "waiting");
        using var opened = await route.Client.PostAsync(new Uri(route.Address, $"/gates/{gate}"), new StringContent("go"));
        Assert.Equal("waited", await waiting);
    }
}
