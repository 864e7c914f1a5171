using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Uwsgi.Protocol.ContractApp.State;

/// <summary>Named gates at which a request waits until another request sends something through.</summary>
internal sealed class Gates
{
    private readonly ConcurrentDictionary<string, Channel<string>> _channels = new(StringComparer.Ordinal);

    public void Send(string gate, string message) => Get(gate).Writer.TryWrite(message);

    public ValueTask<string> ReceiveAsync(string gate, CancellationToken cancellationToken) => Get(gate).Reader.ReadAsync(cancellationToken);

    private Channel<string> Get(string gate) => _channels.GetOrAdd(gate, _ => Channel.CreateUnbounded<string>());
}
