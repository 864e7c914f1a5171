using Microsoft.AspNetCore.SignalR;

namespace Uwsgi.Protocol.ContractApp.SignalR;

internal sealed class ContractHub : Hub
{
    public string Echo(string text) => text;

    public int Add(int left, int right) => left + right;

    public async Task Join(string room, string name)
    {
        await Groups.AddToGroupAsync(Context.ConnectionId, room);
        await Clients.Group(room).SendAsync("joined", name);
    }

    public Task Say(string room, string text) => Clients.Group(room).SendAsync("said", text);

    public async IAsyncEnumerable<int> Count(int to)
    {
        for (var i = 1; i <= to; i++)
        {
            await Task.Yield();
            yield return i;
        }
    }

    public string Fail() => throw new HubException("on purpose");

    public string Transport() => Context.Features.Get<Microsoft.AspNetCore.Http.Connections.Features.IHttpTransportFeature>()!.TransportType.ToString();
}
