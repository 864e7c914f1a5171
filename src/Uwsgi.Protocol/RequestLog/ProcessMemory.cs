using Uwsgi.Protocol.Stats;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>What memory the process has. Asked for once a second: the system has to look it up.</summary>
internal sealed class ProcessMemory(TimeProvider time)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    private volatile Reading? _last;

    /// <summary>The address space, in bytes.</summary>
    public long Virtual => Read().Figures.Virtual;

    /// <summary>What of it is in memory, in bytes.</summary>
    public long Resident => Read().Figures.Resident;

    private Reading Read()
    {
        if (_last is { } last && time.GetElapsedTime(last.Time) < MaxAge)
        {
            return last;
        }

        return _last = new Reading(time.GetTimestamp(), ProcessFigures.Read());
    }

    private sealed record Reading(long Time, ProcessFigures Figures);
}
