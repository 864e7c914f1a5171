using Uwsgi.Protocol.FunctionalTests.Contract;

namespace Uwsgi.Protocol.FunctionalTests.SignalR;

internal sealed class LongPollingHubClient(Visit visit) : HubClient(visit)
{
    private Task _polling = Task.CompletedTask;

    protected override async Task OpenAsync()
    {
        Assert.Equal(200, (await Visit.AskQuietlyAsync(HttpMethod.Get, Target)).Status);
        _polling = PollAsync();
    }

    protected override async Task WriteAsync(string text) =>
        Assert.Equal(200, (await Visit.AskQuietlyAsync(HttpMethod.Post, Target, new StringContent(text))).Status);

    public override async ValueTask DisposeAsync()
    {
        // Ends the poll that waits, which is then answered by 204.
        await Visit.AskQuietlyAsync(HttpMethod.Delete, Target);
        await _polling;
    }

    private async Task PollAsync()
    {
        try
        {
            while (await Visit.AskQuietlyAsync(HttpMethod.Get, Target) is { Status: 200 } answer)
            {
                Take(answer.Text);
            }

            End(null);
        }
        catch (Exception e)
        {
            End(e);
        }
    }
}
