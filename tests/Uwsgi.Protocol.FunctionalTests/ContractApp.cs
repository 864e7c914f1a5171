using System.Text.RegularExpressions;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests;

/// <summary>
/// The contract app as a process, with an endpoint for HTTP and one for HTTPS, a TCP port and a unix socket for each protocol of front ends, and a TCP
/// port for all.
/// </summary>
public sealed partial class ContractApp : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly CertificateDirectory _certificates = new();
    private readonly Dictionary<WireProtocol, AppEndpoint> _endpoints;
    private readonly RunningProcess _process;

    private ContractApp(string transport, string[] arguments)
    {
        _endpoints = Enum.GetValues<WireProtocol>().ToDictionary(protocol => protocol, protocol => new AppEndpoint(protocol, "0", _directory[$"{protocol}.sock"]));
        _process = RunningProcess.Start(
            Programs.PathOf("dotnet"),
            [BuiltPrograms.ContractApp, "--urls", "http://127.0.0.1:0;https://127.0.0.1:0", "--gateway", "127.0.0.1:0", "--transport", transport, .. arguments, .. _endpoints.Values.SelectMany(Arguments)],
            _directory.FullPath,
            new Dictionary<string, string>
            {
                ["HOME"] = _directory.FullPath,
                ["Logging__LogLevel__Default"] = "Warning",
                ["Kestrel__Certificates__Default__Path"] = _certificates.CertificatePath,
                ["Kestrel__Certificates__Default__KeyPath"] = _certificates.KeyPath,
            });
    }

    public string HttpPort { get; private set; } = "";

    /// <summary>The port of all protocols.</summary>
    public string GatewayPort { get; private set; } = "";

    public RunningProcess Process => _process;

    public Uri Address => new($"http://127.0.0.1:{HttpPort}/");

    /// <summary>By HTTP/1.1 and HTTP/2, with <see cref="Certificates"/>.</summary>
    public Uri TlsAddress { get; private set; } = new("https://127.0.0.1/");

    /// <summary>The app's own, and those of the front ends before it.</summary>
    public CertificateDirectory Certificates => _certificates;

    public AppEndpoint this[WireProtocol protocol] => _endpoints[protocol];

    /// <summary>The port of all protocols, for a front end that speaks this one.</summary>
    public AppEndpoint OnOnePort(WireProtocol protocol) => _endpoints[protocol] with { Port = GatewayPort };

    /// <param name="transport">Of the endpoints of front ends: a <c>GatewayTransport</c>.</param>
    /// <param name="arguments">What else it is told.</param>
    public static async Task<ContractApp> StartAsync(string transport = "Auto", params string[] arguments)
    {
        var app = new ContractApp(transport, arguments);
        try
        {
            await Deadline.UntilAsync("the contract app is ready", () => app._process.HasExited
                ? throw new InvalidOperationException($"The contract app ended.\n{app._process.Output}")
                : Task.FromResult(app._process.Output.Contains("\nready", StringComparison.Ordinal)));
            var ports = TcpAddress().Matches(app._process.Output).ToDictionary(address => address.Groups[1].Value, address => address.Groups[2].Value);
            app.HttpPort = ports["http"];
            app.TlsAddress = new($"https://127.0.0.1:{ports["https"]}/");
            app.GatewayPort = ports["gateway"];
            foreach (var endpoint in app._endpoints.Values)
            {
                app._endpoints[endpoint.Protocol] = endpoint with { Port = ports[endpoint.Scheme] };
                // A front end that root started serves as another user.
                File.SetUnixFileMode(endpoint.Socket, (UnixFileMode)0b110_110_110);
            }

            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>The most memory it has ever had, in bytes.</summary>
    public long PeakMemory()
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) * 1024;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _certificates.Dispose();
        _directory.Dispose();
    }

    private static IEnumerable<string> Arguments(AppEndpoint endpoint) =>
        [$"--{endpoint.Scheme}", $"127.0.0.1:{endpoint.Port}", $"--{endpoint.Scheme}", $"unix:{endpoint.Socket}"];

    [GeneratedRegex(@"address (\w+)://127\.0\.0\.1:(\d+)")]
    private static partial Regex TcpAddress();
}
