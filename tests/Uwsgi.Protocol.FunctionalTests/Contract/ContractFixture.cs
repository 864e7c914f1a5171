using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Uwsgi.Protocol.FunctionalTests.Routes;
using Uwsgi.Protocol.Testing;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Uwsgi.Protocol.FunctionalTests.Contract;

/// <summary>The app once on the direct transport and once on Kestrel's, each front end that is installed once, and what the oracles said to each case.</summary>
public sealed class ContractFixture(IMessageSink output) : IAsyncLifetime
{
    private readonly ConcurrentDictionary<(string Oracle, string Case), Task<string>> _oracles = [];
    private readonly Dictionary<(string Route, string Case), Task<string>> _waits = [];
    private readonly Dictionary<string, Route> _routes = new(StringComparer.Ordinal);
    private readonly List<FrontEnd> _frontEnds = [];
    private readonly ContractScore _score = new();
    private ContractApp? _app;
    private ContractApp? _pipesApp;

    public async Task InitializeAsync()
    {
        _app = await ContractApp.StartAsync();
        Add(new HttpRoute(RouteNames.Kestrel, _app.Address));
        Add(new HttpRoute(RouteNames.KestrelTls, _app.TlsAddress, HttpVersion.Version11, _app.Certificates.Server));
        Add(new HttpRoute(RouteNames.KestrelHttp2, _app.TlsAddress, HttpVersion.Version20, _app.Certificates.Server));
        AddDirect(_app[WireProtocol.Uwsgi], RouteNames.DirectTcp, RouteNames.DirectUnix);
        AddDirect(_app[WireProtocol.Scgi], RouteNames.ScgiDirectTcp, RouteNames.ScgiDirectUnix);
        AddDirect(_app[WireProtocol.FastCgi], RouteNames.FastCgiDirectTcp, RouteNames.FastCgiDirectUnix);
        AddOnePort(_app);
        _pipesApp = await ContractApp.StartAsync(transport: "Kestrel");
        AddDirect(_pipesApp[WireProtocol.Uwsgi], RouteNames.PipesTcp, RouteNames.PipesUnix);
        AddTcp(_pipesApp[WireProtocol.Scgi], RouteNames.PipesScgiTcp);
        AddTcp(_pipesApp[WireProtocol.FastCgi], RouteNames.PipesFastCgiTcp);
        foreach (var (program, sites, start) in ContractFrontEnds.For(_app, _pipesApp))
        {
            if (Programs.Has(program))
            {
                _frontEnds.Add(await start());
                Array.ForEach(sites, site => Add(new HttpRoute(site.Route, site.Site, reuse: program != "uwsgi")));
            }
        }

        BeginWaits();
    }

    public async Task DisposeAsync()
    {
        foreach (var frontEnd in _frontEnds)
        {
            await frontEnd.DisposeAsync();
        }

        foreach (var route in _routes.Values)
        {
            route.Dispose();
        }

        foreach (var app in (ContractApp?[])[_app, _pipesApp])
        {
            await (app?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        output.OnMessage(new DiagnosticMessage(_score.Publish()));
    }

    /// <summary>Goes through the case by the oracle's route (once) and by this one, and demands the same answer.</summary>
    internal async Task CompareAsync(string route, ContractCase contract)
    {
        var difference = KnownDifferences.Of(route, contract.Name);
        var passed = false;
        try
        {
            var oracle = await _oracles.GetOrAdd((OracleOf(route), contract.Name), key => SeeAsync(key.Oracle, contract));
            var seen = await (_waits.GetValueOrDefault((route, contract.Name)) ?? SeeAsync(route, contract));
            var expected = difference is null ? oracle : difference.Apply(oracle);
            Assert.True(difference?.Allows(oracle, seen) ?? oracle == seen, $"By {route} the app should have answered\n\n{expected}\n\nand it answered\n\n{seen}\n");
            passed = true;
        }
        finally
        {
            _score.Count(route, passed, difference is not null);
        }
    }

    /// <summary>What makes a client wait for nothing is begun at once, so that all of it passes beside the other cases.</summary>
    private void BeginWaits()
    {
        foreach (var wait in KnownDifferences.Waits.Where(wait => _routes.ContainsKey(wait.Route)))
        {
            _waits.Add(wait, SeeAsync(wait.Route, ContractCases.ByName[wait.Case]));
        }
    }

    /// <summary>Kestrel, asked by the HTTP that this route's client speaks.</summary>
    private string OracleOf(string route) => (RouteOf(route).Address.Scheme, RouteOf(route).Client.DefaultRequestVersion.Major) switch
    {
        ("https", 2) => RouteNames.KestrelHttp2,
        ("https", _) => RouteNames.KestrelTls,
        _ => RouteNames.Kestrel,
    };

    private Route RouteOf(string name) => _routes.GetValueOrDefault(name) ?? throw new InvalidOperationException($"No {name}: its front end is not installed here.");

    private async Task<string> SeeAsync(string route, ContractCase contract)
    {
        using var visit = new Visit(RouteOf(route));
        try
        {
            await contract.Script(visit);
            return visit.Seen;
        }
        catch (CaseEndedException)
        {
            return visit.Seen;
        }
        catch (Exception e) when (e is not XunitException)
        {
            throw new InvalidOperationException($"By {route}, after\n{visit.Seen}\n{e.Message}\nThe app said\n{Last(_app!.Process.Output)}", e);
        }
    }

    private static string Last(string output) => output.Length > 4000 ? output[^4000..] : output;

    private void AddDirect(AppEndpoint app, string tcp, string unix)
    {
        AddTcp(app, tcp);
        Add(new DirectRoute(unix, app.Protocol, new UnixDomainSocketEndPoint(app.Socket)));
    }

    private void AddTcp(AppEndpoint app, string route) =>
        Add(new DirectRoute(route, app.Protocol, new IPEndPoint(IPAddress.Loopback, int.Parse(app.Port))));

    private void AddOnePort(ContractApp app)
    {
        Add(new HttpRoute(RouteNames.OnePortHttp, new Uri($"http://127.0.0.1:{app.GatewayPort}/")));
        AddTcp(app.OnOnePort(WireProtocol.Uwsgi), RouteNames.OnePortUwsgi);
        AddTcp(app.OnOnePort(WireProtocol.Scgi), RouteNames.OnePortScgi);
        AddTcp(app.OnOnePort(WireProtocol.FastCgi), RouteNames.OnePortFastCgi);
    }

    private void Add(Route route) => _routes.Add(route.Name, route);
}
