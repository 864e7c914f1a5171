using Uwsgi.Protocol.FunctionalTests.Routes;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.BehindNginx;

/// <summary>The app behind one nginx, by TCP and unix socket, buffered and unbuffered.</summary>
public sealed class NginxFixture : IAsyncLifetime
{
    private readonly Dictionary<(bool Unix, bool Streaming), Route> _routes = [];
    private FrontEnd? _nginx;
    private ContractApp? _app;

    public ContractApp App => _app!;

    public FrontEnd FrontEnd => _nginx!;

    public Route this[bool unix, bool streaming = false] => _nginx is null
        ? throw new InvalidOperationException("nginx is not installed here.")
        : _routes[(unix, streaming)];

    public async Task InitializeAsync()
    {
        if (!Programs.Has("nginx"))
        {
            return; // The tests skip themselves, by name.
        }

        _app = await ContractApp.StartAsync();
        var sites = new Dictionary<(bool Unix, bool Streaming), Site>();
        foreach (var streaming in new[] { false, true })
        {
            sites[(false, streaming)] = Nginx.Uwsgi(_app.UwsgiPort, streaming);
            sites[(true, streaming)] = Nginx.UwsgiUnix(_app.Socket, streaming);
        }

        _nginx = await Nginx.StartAsync([.. sites.Values]);
        foreach (var (key, site) in sites)
        {
            _routes[key] = new HttpRoute($"{key}", site.Address);
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var route in _routes.Values)
        {
            route.Dispose();
        }

        await (_nginx?.DisposeAsync() ?? default);
        await (_app?.DisposeAsync() ?? default);
    }
}
