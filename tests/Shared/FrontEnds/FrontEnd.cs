using System.Net;

namespace Uwsgi.Protocol.Testing;

/// <summary>A real front end in a directory of its own, with the sites it serves.</summary>
public sealed class FrontEnd : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory;
    private readonly RunningProcess _process;

    private FrontEnd(TemporaryDirectory directory, RunningProcess process)
    {
        _directory = directory;
        _process = process;
    }

    /// <summary>What it wrote, for the message of a test that fails.</summary>
    public string Log => _process.Output + (File.Exists(_directory["error.log"]) ? File.ReadAllText(_directory["error.log"]) : "");

    public int ProcessId => _process.Id;

    public bool HasEnded => _process.HasExited;

    internal static async Task<FrontEnd> StartAsync(
        TemporaryDirectory directory, string program, IEnumerable<string> arguments, IEnumerable<Site> sites, IReadOnlyDictionary<string, string>? environment = null)
    {
        var frontEnd = new FrontEnd(directory, RunningProcess.Start(Programs.PathOf(program), arguments, directory.FullPath, environment));
        try
        {
            foreach (var site in sites)
            {
                await Deadline.UntilAsync($"{program} accepts on port {site.Port}\n{frontEnd.Log}", () => frontEnd.AcceptsAsync(site));
            }

            return frontEnd;
        }
        catch
        {
            await frontEnd.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops it in order, and waits for its end: that of the processes that it has started too, where they write to its log.</summary>
    public async Task StopAsync()
    {
        _process.AskToEnd();
        using var patience = new CancellationTokenSource(Deadline.Default);
        await _process.WaitForExitAsync(patience.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _directory.Dispose();
    }

    private Task<bool> AcceptsAsync(Site site) => _process.HasExited
        ? throw new InvalidOperationException($"The front end ended with {_process.ExitCode}.\n{Log}")
        : Accepting.IsAsync(new IPEndPoint(IPAddress.Loopback, site.Port));
}
