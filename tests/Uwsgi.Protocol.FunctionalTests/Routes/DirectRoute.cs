using System.Net;
using System.Net.WebSockets;
using Uwsgi.Protocol.FunctionalTests.Clients;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Routes;

/// <summary>By a front end's protocol, with no front end between.</summary>
public sealed class DirectRoute(string name, WireProtocol protocol, EndPoint server) : Route(name, new Uri("http://127.0.0.1:3031/"))
{
    public override HttpClient Client { get; } = New(protocol, server);

    public override HttpClient NewClient() => New(protocol, server);

    public override async Task<WebSocket> ConnectAsync(string target, string? subProtocol, CancellationToken cancellationToken)
    {
        var request = Request(HttpMethod.Get, target);
        request.Headers.Add("Connection", "Upgrade");
        request.Headers.Add("Upgrade", "websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        if (subProtocol is not null)
        {
            request.Headers.Add("Sec-WebSocket-Protocol", subProtocol);
        }

        var stream = await DirectConnection.OpenAsync(protocol, server, DirectHandler.Variables(request, []), [], cancellationToken);
        try
        {
            var answer = await AnswerHead.ReadAsync(stream, protocol, cancellationToken);
            if (answer.StatusCode != HttpStatusCode.SwitchingProtocols || answer.Headers.GetValues("Sec-WebSocket-Accept").Single() != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            {
                throw new WebSocketException($"No upgrade: {answer}");
            }

            return WebSocket.CreateFromStream(stream, new WebSocketCreationOptions
            {
                SubProtocol = answer.Headers.TryGetValues("Sec-WebSocket-Protocol", out var chosen) ? chosen.Single() : null,
            });
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    private static HttpClient New(WireProtocol protocol, EndPoint server) => new(new DirectHandler(protocol, server)) { Timeout = Timeout.InfiniteTimeSpan };
}
