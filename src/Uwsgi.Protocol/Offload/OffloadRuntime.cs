using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Uwsgi.Protocol.Offload;

/// <summary>What all files that are sent behind their requests share.</summary>
internal sealed class OffloadRuntime : IDisposable
{
    private readonly OffloadThreads? _threads;

    /// <param name="options">What is asked for.</param>
    /// <param name="contentRoot">Where relative paths begin.</param>
    /// <param name="loggerFactory">Hears of what goes wrong.</param>
    public OffloadRuntime(OffloadOptions options, string contentRoot, ILoggerFactory loggerFactory)
    {
        IsOn = options.OffloadThreads > 0;
        IdleTimeout = options.IdleTimeout;
        Logger = loggerFactory.CreateLogger("Uwsgi.Protocol.Offload");
        FrontEnds = new FrontEndFiles(
            options.XAccelRedirect.Select(pair => KeyValuePair.Create(Path.GetFullPath(pair.Key, contentRoot), pair.Value)),
            options.FrontEndXSendfile.Select(directory => Path.GetFullPath(directory, contentRoot)));
        _threads = IsOn && OperatingSystem.IsLinux() ? new OffloadThreads(options.OffloadThreads) : null;
    }

    public ILogger Logger { get; }

    /// <summary>The files that front ends send themselves.</summary>
    public FrontEndFiles FrontEnds { get; }

    /// <summary>Whether files are sent behind their requests.</summary>
    public bool IsOn { get; }

    public TimeSpan IdleTimeout { get; }

    /// <summary>Goes on on the thread that sends files to a connection.</summary>
    public OffloadThreadAwaitable ThreadOf(ConnectionContext connection, bool isTurnOver) => new(_threads?.Of(connection), isTurnOver);

    public void Dispose() => _threads?.Dispose();
}
