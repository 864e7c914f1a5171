using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Harakiri;

/// <summary>An app for each transport, and an nginx before each.</summary>
public sealed class HarakiriFixture : IAsyncLifetime
{
    private readonly Dictionary<(string Transport, string Pass), Site> _sites = [];
    private readonly List<IAsyncDisposable> _running = [];

    public Uri this[string transport, string pass] => _sites[(transport, pass)].Address;

    public async Task InitializeAsync()
    {
        if (!Programs.Has("nginx"))
        {
            return; // The tests skip themselves, by name.
        }

        foreach (var transport in new[] { "Direct", "Kestrel" })
        {
            var app = await ContractApp.StartAsync(transport);
            _running.Add(app);
            _sites[(transport, "uwsgi_pass")] = Nginx.Before(app[WireProtocol.Uwsgi]);
            _sites[(transport, "uwsgi_pass unix")] = Nginx.Before(app[WireProtocol.Uwsgi], unix: true);
            _sites[(transport, "scgi_pass")] = Nginx.Before(app[WireProtocol.Scgi]);
            _sites[(transport, "fastcgi_pass")] = Nginx.Before(app[WireProtocol.FastCgi]);
            _sites[(transport, "fastcgi_pass kept")] = Nginx.Kept(app[WireProtocol.FastCgi]);
            _running.Add(await Nginx.StartAsync([.. _sites.Where(site => site.Key.Transport == transport).Select(site => site.Value)]));
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var running in Enumerable.Reverse(_running))
        {
            await running.DisposeAsync();
        }
    }
}
