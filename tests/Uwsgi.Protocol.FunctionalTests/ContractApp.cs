using System.Reflection;
using System.Text.RegularExpressions;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests;

/// <summary>The contract app as a process, with an HTTP endpoint, a uwsgi TCP port and a uwsgi unix socket.</summary>
public sealed partial class ContractApp : IAsyncDisposable
{
    private static readonly string Program = typeof(ContractApp).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "ContractApp").Value!;

    private readonly TemporaryDirectory _directory = new();
    private readonly RunningProcess _process;

    private ContractApp()
    {
        Socket = _directory["app.sock"];
        _process = RunningProcess.Start(
            Programs.PathOf("dotnet"),
            [Program, "--urls", "http://127.0.0.1:0", "--uwsgi", "127.0.0.1:0", "--uwsgi", $"unix:{Socket}"],
            _directory.FullPath,
            new Dictionary<string, string> { ["HOME"] = _directory.FullPath, ["Logging__LogLevel__Default"] = "Warning" });
    }

    public string HttpPort { get; private set; } = "";

    public string UwsgiPort { get; private set; } = "";

    public string Socket { get; }

    public RunningProcess Process => _process;

    public Uri Address => new($"http://127.0.0.1:{HttpPort}/");

    public static async Task<ContractApp> StartAsync()
    {
        var app = new ContractApp();
        try
        {
            await Deadline.UntilAsync("the contract app is ready", () => app._process.HasExited
                ? throw new InvalidOperationException($"The contract app ended.\n{app._process.Output}")
                : Task.FromResult(app._process.Output.Contains("\nready", StringComparison.Ordinal)));
            app.HttpPort = HttpAddress().Match(app._process.Output).Groups[1].Value;
            app.UwsgiPort = UwsgiAddress().Match(app._process.Output).Groups[1].Value;
            // A front end that root started serves as another user.
            File.SetUnixFileMode(app.Socket, (UnixFileMode)0b110_110_110);
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
        _directory.Dispose();
    }

    [GeneratedRegex(@"address http://127\.0\.0\.1:(\d+)")]
    private static partial Regex HttpAddress();

    [GeneratedRegex(@"address uwsgi://127\.0\.0\.1:(\d+)")]
    private static partial Regex UwsgiAddress();
}
