using Microsoft.AspNetCore.Http.Connections.Features;
using Microsoft.AspNetCore.SignalR;

namespace Chat;

/// <summary>One room. Whoever says something says it to all.</summary>
internal sealed class ChatHub : Hub
{
    private const int MaxName = 40;
    private const int MaxText = 1000;

    /// <summary>How the caller is connected: <c>WebSockets</c>, unless something in between cannot carry them.</summary>
    public string? Transport() => Context.Features.Get<IHttpTransportFeature>()?.TransportType.ToString();

    public Task Say(string name, string text)
    {
        name = name.Trim();
        text = text.Trim();
        return name.Length is 0 or > MaxName || text.Length is 0 or > MaxText
            ? throw new HubException($"A name has 1 to {MaxName} characters, a message 1 to {MaxText}.")
            : Clients.All.SendAsync("said", name, text, DateTimeOffset.UtcNow);
    }
}
