using System.Net;
using System.Net.Sockets;
using System.Text;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.BehindNginx;

/// <summary>Many clients at once. nginx opens a connection for each: a short backlog shows as 502.</summary>
[Collection(NginxCollection.Name)]
public sealed class CrowdTests(NginxFixture nginx)
{
    private const int Clients = 1500;

    [FrontEndTheory("nginx")]
    [CombinatorialData]
    public async Task Fifteen_hundred_clients_at_once_are_all_answered(WireProtocol protocol, bool unix)
    {
        var port = nginx[protocol, unix].Address.Port;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var sockets = new List<Socket>();
        try
        {
            while (sockets.Count < Clients)
            {
                sockets.AddRange(await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => ConnectAsync(port, deadline.Token))));
            }

            var answers = await Task.WhenAll(sockets.Select(socket => AskAsync(socket, deadline.Token)));
            var counts = answers.CountBy(status => status).Select(count => $"{count.Value} x {count.Key}");
            Assert.Equal([$"{Clients} x HTTP/1.1 200 OK"], counts);
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    private static async Task<Socket> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        return socket;
    }

    private static async Task<string> AskAsync(Socket socket, CancellationToken cancellationToken)
    {
        await socket.SendAsync("GET /json/1 HTTP/1.1\r\nHost: crowd\r\nConnection: close\r\n\r\n"u8.ToArray(), cancellationToken);
        var answer = new StringBuilder();
        var buffer = new byte[2048];
        for (int read; (read = await socket.ReceiveAsync(buffer, cancellationToken)) > 0;)
        {
            answer.Append(Encoding.ASCII.GetString(buffer, 0, read));
        }

        return answer.ToString().Split("\r\n")[0];
    }
}
