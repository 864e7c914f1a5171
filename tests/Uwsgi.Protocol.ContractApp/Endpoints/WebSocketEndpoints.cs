using System.Net.WebSockets;
using Uwsgi.Protocol.ContractApp.State;

namespace Uwsgi.Protocol.ContractApp.Endpoints;

internal static class WebSocketEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        // Not MapGet: over HTTP/2 it is CONNECT.
        routes.Map("/ws/echo", async (HttpContext context, Journal journal) =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { SubProtocol = context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault() });
            await EchoAsync(socket);
            journal.Write(context.Request.Query["journal"].ToString(), $"closed by client: {socket.CloseStatus} {socket.CloseStatusDescription}");
        });
        routes.Map("/ws/goodbye", async (HttpContext context) =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, context.RequestAborted);
            await socket.CloseAsync(WebSocketCloseStatus.PolicyViolation, "goodbye", context.RequestAborted);
        });
        routes.MapGet("/ws/offered", (HttpContext context) => context.WebSockets.IsWebSocketRequest ? "offered" : "not offered");
    }

    private static async Task EchoAsync(WebSocket socket)
    {
        var buffer = new byte[32768];
        while (await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None) is var received && received.MessageType != WebSocketMessageType.Close)
        {
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, CancellationToken.None);
        }

        await socket.CloseOutputAsync(socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, socket.CloseStatusDescription, CancellationToken.None);
    }
}
