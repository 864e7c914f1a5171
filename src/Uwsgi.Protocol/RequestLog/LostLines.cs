using System.Diagnostics.Metrics;

namespace Uwsgi.Protocol.RequestLog;

/// <summary>
/// Counts the requests that were not logged, and says so: of the first at once, of more from time to time, or a full disk would fill the app's log
/// too. The writer's alone.
/// </summary>
internal sealed class LostLines(Counter<long> counter, TimeProvider time, RequestLogLog log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private long _all;
    private bool _hasTold;
    private long _told;
    private Exception? _reason;
    private bool _isUntold;

    /// <param name="count">How many; of none nothing is said.</param>
    /// <param name="reason">Why they could not be written; null where there was no room for them.</param>
    public void Add(long count, Exception? reason = null)
    {
        if (count == 0)
        {
            return;
        }

        counter.Add(count);
        _all += count;
        _reason = reason;
        _isUntold = true;
        if (!_hasTold || time.GetElapsedTime(_told) >= Interval)
        {
            TellRest();
        }
    }

    /// <summary>Says what has not been said yet.</summary>
    public void TellRest()
    {
        if (!_isUntold)
        {
            return;
        }

        _isUntold = false;
        _hasTold = true;
        _told = time.GetTimestamp();
        if (_reason is null)
        {
            log.LinesDropped(_all);
        }
        else
        {
            log.LinesNotWritten(_all, _reason);
        }
    }
}
