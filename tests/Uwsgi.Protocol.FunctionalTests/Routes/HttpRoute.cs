using System.Net.WebSockets;

namespace Uwsgi.Protocol.FunctionalTests.Routes;

/// <summary>By HTTP: to the app itself, or to a front end before it. Without reuse where a front end closes connections and does not say so.</summary>
public sealed class HttpRoute(string name, Uri address, bool reuse = true) : Route(name, address)
{
    public override HttpClient Client { get; } = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        PooledConnectionLifetime = reuse ? Timeout.InfiniteTimeSpan : TimeSpan.Zero,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public override async Task<WebSocket> ConnectAsync(string target, string? subProtocol, CancellationToken cancellationToken)
    {
        var socket = new ClientWebSocket();
        socket.Options.Proxy = null;
        if (subProtocol is not null)
        {
            socket.Options.AddSubProtocol(subProtocol);
        }

        await socket.ConnectAsync(new Uri($"ws://{Address.Authority}{target}"), cancellationToken);
        return socket;
    }
}
