namespace Uwsgi.Protocol.RequestLog;

/// <summary>Where lines go. Called by one thread at a time.</summary>
internal interface ILineSink : IDisposable
{
    /// <summary>Writes lines, each with its end.</summary>
    /// <exception cref="IOException">They could not be written.</exception>
    void Write(ReadOnlySpan<byte> lines);
}
