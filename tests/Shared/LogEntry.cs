using Microsoft.Extensions.Logging;

namespace Uwsgi.Protocol.Testing;

/// <summary>One line of the log.</summary>
public sealed record LogEntry(string Category, LogLevel Level, EventId Event, string Message, Exception? Exception);
