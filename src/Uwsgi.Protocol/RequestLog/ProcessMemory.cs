using System.Diagnostics;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>What memory the process has. Asked for once a second: the system has to look it up.</summary>
internal sealed class ProcessMemory(TimeProvider time)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);

    private volatile Reading? _last;

    /// <summary>The address space, in bytes.</summary>
    public long Virtual => Read().Virtual;

    /// <summary>What of it is in memory, in bytes.</summary>
    public long Resident => Read().Resident;

    private Reading Read()
    {
        if (_last is { } last && time.GetElapsedTime(last.Time) < MaxAge)
        {
            return last;
        }

        using var process = Process.GetCurrentProcess();
        return _last = new Reading(time.GetTimestamp(), process.VirtualMemorySize64, process.WorkingSet64);
    }

    private sealed record Reading(long Time, long Virtual, long Resident);
}
