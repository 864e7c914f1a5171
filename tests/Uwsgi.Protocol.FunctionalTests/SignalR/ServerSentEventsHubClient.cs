using System.Net.ServerSentEvents;
using Uwsgi.Protocol.FunctionalTests.Contract;

namespace Uwsgi.Protocol.FunctionalTests.SignalR;

internal sealed class ServerSentEventsHubClient(Visit visit) : HubClient(visit)
{
    private HttpResponseMessage? _events;
    private Task _reading = Task.CompletedTask;

    protected override async Task OpenAsync()
    {
        _events = await Visit.SendAsync(HttpMethod.Get, Target, null, ("Accept", "text/event-stream"));
        Assert.Equal(200, (int)_events.StatusCode);
        _reading = ReadAsync(await _events.Content.ReadAsStreamAsync());
    }

    protected override async Task WriteAsync(string text) =>
        Assert.Equal(200, (await Visit.AskQuietlyAsync(HttpMethod.Post, Target, new StringContent(text))).Status);

    public override async ValueTask DisposeAsync()
    {
        await Stopping.CancelAsync();
        await _reading;
        _events?.Dispose();
    }

    private async Task ReadAsync(Stream stream)
    {
        try
        {
            await foreach (var item in SseParser.Create(stream).EnumerateAsync(Stopping.Token))
            {
                Take(item.Data);
            }

            End(null);
        }
        catch (Exception e)
        {
            End(e);
        }
    }
}
