using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Uwsgi.Protocol.Testing;

/// <summary>Keeps every log entry. What is logged as an error must have been expected.</summary>
public sealed class LogCapture : ILoggerProvider
{
    private readonly ConcurrentQueue<LogEntry> _entries = new();
    private Func<LogEntry, bool> _isExpected = static _ => false;

    public IReadOnlyCollection<LogEntry> Entries => _entries;

    /// <summary>All entries of one event, oldest first.</summary>
    public IEnumerable<LogEntry> Of(string eventName) => _entries.Where(entry => entry.Event.Name == eventName);

    /// <summary>Lets errors of this event pass.</summary>
    public void Expect(string eventName) => Expect(entry => entry.Event.Name == eventName);

    /// <summary>Lets these errors pass.</summary>
    public void Expect(Func<LogEntry, bool> isExpected)
    {
        var earlier = _isExpected;
        _isExpected = entry => earlier(entry) || isExpected(entry);
    }

    /// <summary>Fails when there was an error that nobody expected.</summary>
    public void VerifyNoErrors() =>
        Xunit.Assert.DoesNotContain(_entries, entry => entry.Level >= LogLevel.Error && !_isExpected(entry));

    /// <summary>Forgets what was logged, in which there must be no error.</summary>
    public void Clear()
    {
        VerifyNoErrors();
        _entries.Clear();
    }

    /// <summary>A factory with this provider alone.</summary>
    public ILoggerFactory CreateFactory() =>
        LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(this));

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(LogCapture capture, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            capture._entries.Enqueue(new LogEntry(category, logLevel, eventId, formatter(state, exception), exception));
    }
}
