using System.Net.WebSockets;
using System.Text;
using Uwsgi.Protocol.FunctionalTests.Contract;

namespace Uwsgi.Protocol.FunctionalTests.SignalR;

internal sealed class WebSocketHubClient(Visit visit) : HubClient(visit)
{
    private WebSocket? _socket;
    private Task _reading = Task.CompletedTask;

    protected override async Task OpenAsync()
    {
        _socket = await Visit.ConnectAsync(Target);
        _reading = ReadAsync(_socket);
    }

    protected override Task WriteAsync(string text) => _socket!.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, Visit.Cancelled);

    public override async ValueTask DisposeAsync()
    {
        if (_socket is { State: WebSocketState.Open })
        {
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Visit.Cancelled);
        }

        await _reading;
        _socket?.Dispose();
    }

    private async Task ReadAsync(WebSocket socket)
    {
        try
        {
            var buffer = new byte[16384];
            while (await socket.ReceiveAsync(buffer.AsMemory(), Visit.Cancelled) is var received && received.MessageType != WebSocketMessageType.Close)
            {
                Take(Encoding.UTF8.GetString(buffer, 0, received.Count));
            }

            End(null);
        }
        catch (Exception e)
        {
            End(e);
        }
    }
}
