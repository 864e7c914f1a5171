using Uwsgi.Protocol.FunctionalTests.Routes;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.BehindNginx;

/// <summary>The app behind one nginx, by each protocol, by TCP and unix socket, buffered and unbuffered.</summary>
public sealed class NginxFixture : IAsyncLifetime
{
    private readonly Dictionary<(WireProtocol Protocol, bool Unix, bool Streaming), Route> _routes = [];
    private FrontEnd? _nginx;
    private ContractApp? _app;

    public ContractApp App => _app!;

    public FrontEnd FrontEnd => _nginx!;

    public Route this[WireProtocol protocol, bool unix, bool streaming = false] => _nginx is null
        ? throw new InvalidOperationException("nginx is not installed here.")
        : _routes[(protocol, unix, streaming)];

    public async Task InitializeAsync()
    {
        if (!Programs.Has("nginx"))
        {
            return; // The tests skip themselves, by name.
        }

        _app = await ContractApp.StartAsync();
        var sites = new Dictionary<(WireProtocol Protocol, bool Unix, bool Streaming), Site>();
        foreach (var key in from protocol in Enum.GetValues<WireProtocol>() from unix in new[] { false, true } from streaming in new[] { false, true } select (protocol, unix, streaming))
        {
            sites[key] = Nginx.Before(_app[key.protocol], key.unix, key.streaming);
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
