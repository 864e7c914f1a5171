using System.Collections.Concurrent;

namespace Uwsgi.Protocol.ContractApp.State;

/// <summary>What happened to a request, told by key, for a later request to read.</summary>
internal sealed class Journal
{
    private readonly ConcurrentDictionary<string, string> _entries = new(StringComparer.Ordinal);

    public void Write(string key, string entry) => _entries[key] = entry;

    public string Read(string key) => _entries.GetValueOrDefault(key, "nothing");
}
