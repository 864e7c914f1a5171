using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Uwsgi.Protocol.Ini;

/// <summary>What a section does around an app's life: it says what it cannot do, and keeps the files with the process's number.</summary>
internal sealed partial class UwsgiSectionService(UwsgiSection section, ProcessSettings process, ILoggerFactory loggerFactory) : IHostedLifecycleService
{
    private readonly ILogger _logger = loggerFactory.CreateLogger("Uwsgi.Protocol.Ini");
    private readonly string _number = Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n";

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach (var warning in section.Warnings)
        {
            Log.Noted(_logger, warning);
        }

        return WriteAsync(process.PidFiles, cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => WriteAsync(process.SafePidFiles, cancellationToken);

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (section.Flag("vacuum") ?? true)
        {
            foreach (var path in process.PidFiles.Concat(process.SafePidFiles))
            {
                Remove(path);
            }
        }

        return Task.CompletedTask;
    }

    private async Task WriteAsync(IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        foreach (var path in paths)
        {
            await File.WriteAllTextAsync(path, _number, cancellationToken).ConfigureAwait(false);
        }
    }

    // Unless it is another process's by now: one that has taken over.
    private void Remove(string path)
    {
        try
        {
            if (File.ReadAllText(path) == _number)
            {
                File.Delete(path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.PidFileStays(_logger, path, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "uwsgi options: {Note}", EventName = nameof(Noted))]
        public static partial void Noted(ILogger logger, string note);

        [LoggerMessage(2, LogLevel.Debug, "The pidfile {Path} was not removed: {Reason}", EventName = nameof(PidFileStays))]
        public static partial void PidFileStays(ILogger logger, string path, string reason);
    }
}
