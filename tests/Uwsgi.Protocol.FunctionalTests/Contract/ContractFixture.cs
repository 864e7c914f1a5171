using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Uwsgi.Protocol.FunctionalTests.Routes;
using Uwsgi.Protocol.Testing;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Uwsgi.Protocol.FunctionalTests.Contract;

/// <summary>The app once on the direct transport and once on Kestrel's, each front end that is installed once, and what the oracle said to each case.</summary>
public sealed class ContractFixture(IMessageSink output) : IAsyncLifetime
{
    private readonly ConcurrentDictionary<string, Task<string>> _oracle = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Route> _routes = new(StringComparer.Ordinal);
    private readonly List<FrontEnd> _frontEnds = [];
    private readonly ContractScore _score = new();
    private ContractApp? _app;
    private ContractApp? _pipesApp;

    public async Task InitializeAsync()
    {
        _app = await ContractApp.StartAsync();
        Add(new HttpRoute(RouteNames.Kestrel, _app.Address));
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
                Array.ForEach(sites, site => Add(new HttpRoute(site.Route, site.Site.Address, reuse: program != "uwsgi")));
            }
        }
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
            var oracle = await _oracle.GetOrAdd(contract.Name, _ => SeeAsync(RouteNames.Kestrel, contract));
            var seen = await SeeAsync(route, contract);
            var expected = difference is null ? oracle : difference.Apply(oracle);
            Assert.True(difference?.Allows(oracle, seen) ?? oracle == seen, $"By {route} the app should have answered\n\n{expected}\n\nand it answered\n\n{seen}\n");
            passed = true;
        }
        finally
        {
            _score.Count(route, passed, difference is not null);
        }
    }

    private async Task<string> SeeAsync(string route, ContractCase contract)
    {
        using var visit = new Visit(_routes.GetValueOrDefault(route) ?? throw new InvalidOperationException($"No {route}: its front end is not installed here."));
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
