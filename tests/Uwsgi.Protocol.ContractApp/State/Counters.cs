using System.Collections.Concurrent;

namespace Uwsgi.Protocol.ContractApp.State;

internal sealed class Counters
{
    private readonly ConcurrentDictionary<string, int> _values = new(StringComparer.Ordinal);

    public int Next(string key) => _values.AddOrUpdate(key, 1, (_, value) => value + 1);
}
