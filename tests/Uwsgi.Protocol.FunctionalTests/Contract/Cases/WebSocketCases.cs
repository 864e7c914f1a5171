using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace Uwsgi.Protocol.FunctionalTests.Contract.Cases;

internal static class WebSocketCases
{
    private const string Area = "WebSocket";

    public static IEnumerable<ContractCase> All() =>
    [
        new(Area, "echoes text, bytes and 1 MB", async visit =>
        {
            using var socket = await visit.ConnectAsync($"/ws/echo?journal={visit.Key}", "chat");
            visit.Note($"sub-protocol {socket.SubProtocol}");
            await EchoAsync(visit, socket, Encoding.UTF8.GetBytes("grüße"), WebSocketMessageType.Text);
            await EchoAsync(visit, socket, [], WebSocketMessageType.Binary);
            await EchoAsync(visit, socket, RandomBytes(1_000_000), WebSocketMessageType.Binary);
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", visit.Cancelled);
            visit.Note($"{socket.State} {socket.CloseStatus} {socket.CloseStatusDescription}");
            await visit.NoteJournalAsync("closed by client: NormalClosure done");
        }),
        new(Area, "the server speaks first and closes first", async visit =>
        {
            using var socket = await visit.ConnectAsync("/ws/goodbye");
            var buffer = new byte[100];
            var hello = await socket.ReceiveAsync(buffer, visit.Cancelled);
            visit.Note(Encoding.UTF8.GetString(buffer, 0, hello.Count));
            var close = await socket.ReceiveAsync(buffer, visit.Cancelled);
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, visit.Cancelled);
            visit.Note($"{close.MessageType} {close.CloseStatus} {close.CloseStatusDescription} {socket.State}");
        }),
    ];

    private static async Task EchoAsync(Visit visit, WebSocket socket, byte[] message, WebSocketMessageType type)
    {
        var sending = socket.SendAsync(message, type, true, visit.Cancelled);
        var echo = new MemoryStream();
        var buffer = new byte[65536];
        ValueWebSocketReceiveResult received;
        do
        {
            received = await socket.ReceiveAsync(buffer.AsMemory(), visit.Cancelled);
            echo.Write(buffer, 0, received.Count);
        }
        while (!received.EndOfMessage);

        await sending;
        visit.Note($"{received.MessageType} {echo.Length} {Convert.ToHexStringLower(SHA256.HashData(echo.ToArray()))}");
    }

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(11).NextBytes(bytes);
        return bytes;
    }
}
