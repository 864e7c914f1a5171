using System.Text.RegularExpressions;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Ini;

/// <summary>The contract app as a process that nothing but a uwsgi.ini sets up.</summary>
public sealed partial class IniApp : IAsyncDisposable
{
    private readonly RunningProcess _process;
    private Dictionary<string, string> _ports = [];

    private IniApp(TemporaryDirectory directory, string transport, string lines) =>
        _process = RunningProcess.Start(
            Programs.PathOf("dotnet"),
            [BuiltPrograms.ContractApp, "--ini", directory.Write("uwsgi.ini", $"[uwsgi]\n{lines}\n"), "--transport", transport],
            directory.FullPath,
            new Dictionary<string, string> { ["HOME"] = directory.FullPath });

    /// <param name="directory">Where the file is, and the app runs.</param>
    /// <param name="transport">GatewayTransport's name.</param>
    /// <param name="lines">What the file says, in the section [uwsgi].</param>
    public static async Task<IniApp> StartAsync(TemporaryDirectory directory, string transport, string lines)
    {
        var app = new IniApp(directory, transport, lines);
        try
        {
            await Deadline.UntilAsync("the app of uwsgi.ini is ready", () => app._process.HasExited
                ? throw new InvalidOperationException($"It ended.\n{app._process.Output}")
                : Task.FromResult(app._process.Output.Contains("\nready", StringComparison.Ordinal)));
            app._ports = Address().Matches(app._process.Output).ToDictionary(address => address.Groups[1].Value, address => address.Groups[2].Value);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public string HttpPort => _ports["http"];

    public AppEndpoint this[WireProtocol protocol] => new(protocol, _ports[$"{protocol}".ToLowerInvariant()], "");

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    [GeneratedRegex(@"address (\w+)://127\.0\.0\.1:(\d+)")]
    private static partial Regex Address();
}
