using System.Text.Json;
using System.Threading.Channels;
using Uwsgi.Protocol.FunctionalTests.Contract;

namespace Uwsgi.Protocol.FunctionalTests.SignalR;

/// <summary>A client of SignalR's JSON hub protocol: messages that end with the record separator, whatever carries them.</summary>
internal abstract class HubClient(Visit visit) : IAsyncDisposable
{
    private const char RecordSeparator = '\x1e';
    private readonly Channel<string> _received = Channel.CreateUnbounded<string>();
    private string _partial = "";

    protected Visit Visit => visit;

    protected string Target { get; private set; } = "";

    protected CancellationTokenSource Stopping { get; } = new();

    public async Task StartAsync()
    {
        var negotiation = await visit.AskQuietlyAsync(HttpMethod.Post, "/hub/negotiate?negotiateVersion=1");
        using var json = JsonDocument.Parse(negotiation.Text);
        visit.Note("offers " + string.Join(", ", json.RootElement.GetProperty("availableTransports").EnumerateArray().Select(transport => transport.GetProperty("transport"))));
        Target = $"/hub?id={json.RootElement.GetProperty("connectionToken").GetString()}";
        await OpenAsync();
        await SendAsync("""{"protocol":"json","version":1}""");
        visit.Note($"handshake {await ReceiveAsync()}");
    }

    public Task SendAsync(string message) => WriteAsync(message + RecordSeparator);

    /// <summary>The next message that is not a ping.</summary>
    public async Task<string> ReceiveAsync()
    {
        while (true)
        {
            var message = await _received.Reader.ReadAsync(visit.Cancelled);
            if (message != """{"type":6}""")
            {
                return message;
            }
        }
    }

    public abstract ValueTask DisposeAsync();

    protected abstract Task OpenAsync();

    protected abstract Task WriteAsync(string text);

    protected void Take(string text)
    {
        var messages = (_partial + text).Split(RecordSeparator);
        _partial = messages[^1];
        foreach (var message in messages[..^1])
        {
            _received.Writer.TryWrite(message);
        }
    }

    protected void End(Exception? error) => _received.Writer.TryComplete(error);
}
