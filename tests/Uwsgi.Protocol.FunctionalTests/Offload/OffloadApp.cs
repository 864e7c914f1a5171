using System.Text.RegularExpressions;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Offload;

/// <summary>samples/Offload as a process: one request at a time, on one port for all protocols, and on one for HTTP.</summary>
public sealed partial class OffloadApp : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly RunningProcess _process;

    private OffloadApp(string transport, string[] options)
    {
        Files = _directory["files"];
        Directory.CreateDirectory(Files);
        string[] prefixes = ["", "/fastcgi", "/scgi"];
        string[] maps = [.. prefixes.Select((prefix, i) => $"--Offload:StaticMaps:{i}={prefix}/static={Files}")];
        _process = RunningProcess.Start(
            Programs.PathOf("dotnet"),
            [
                BuiltPrograms.Offload,
                $"--urls=http://127.0.0.1:0;gateway://127.0.0.1:0;gateway://unix:{Socket}",
                $"--Transport={transport}",
                $"--Files={Files}",
                $"--Offload:XSendfile:0={Files}",
                .. maps,
                .. options.Select(option => option.Replace("{files}", Files, StringComparison.Ordinal)),
            ],
            _directory.FullPath,
            new Dictionary<string, string> { ["HOME"] = _directory.FullPath });
    }

    /// <summary>The directory of its files.</summary>
    public string Files { get; }

    public string Port { get; private set; } = "";

    public Uri Http { get; private set; } = new("http://127.0.0.1/");

    public string Socket => _directory["app.sock"];

    /// <param name="transport">GatewayTransport's name.</param>
    /// <param name="options">More settings, in which {files} is the directory.</param>
    public static async Task<OffloadApp> StartAsync(string transport = "Auto", params string[] options)
    {
        var app = new OffloadApp(transport, options);
        try
        {
            await Deadline.UntilAsync("samples/Offload is ready", () => app._process.HasExited
                ? throw new InvalidOperationException($"It ended.\n{app._process.Output}")
                : Task.FromResult(app._process.Output.Contains("Application started", StringComparison.Ordinal)));
            app.Port = Address("gateway").Match(app._process.Output).Groups[1].Value;
            app.Http = new Uri($"http://127.0.0.1:{Address("http").Match(app._process.Output).Groups[1].Value}/");
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public AppEndpoint this[WireProtocol protocol] => new(protocol, Port, Socket);

    /// <summary>Writes one of its files.</summary>
    public byte[] Write(string name, int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        File.WriteAllBytes(Path.Combine(Files, name), content);
        return content;
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Dispose();
    }

    private static Regex Address(string scheme) => new($@"Now listening on: {scheme}://127\.0\.0\.1:(\d+)");
}
