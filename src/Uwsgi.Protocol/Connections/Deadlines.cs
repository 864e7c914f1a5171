namespace Uwsgi.Protocol.Connections;

/// <summary>One coarse timer for everything that may take too long: no timer per request.</summary>
internal sealed class Deadlines : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly LinkedList<IDeadlineWatcher> _watchers = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private bool _isRunning;

    public Deadlines(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(
            static state => ((Deadlines)state!).OnTick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The time in ticks of <see cref="TimeSpan"/>, from an arbitrary start, never backwards.</summary>
    public long Now => _time.GetElapsedTime(0).Ticks;

    /// <summary>When a time from now is over; a time beyond what can be counted never is.</summary>
    public long After(TimeSpan time)
    {
        var now = Now;
        return time.Ticks > long.MaxValue - now ? long.MaxValue : now + time.Ticks;
    }

    public void Add(LinkedListNode<IDeadlineWatcher> node)
    {
        lock (_gate)
        {
            _watchers.AddLast(node);
            if (!_isRunning)
            {
                _isRunning = true;
                _timer.Change(Interval, Interval);
            }
        }
    }

    public void Remove(LinkedListNode<IDeadlineWatcher> node)
    {
        lock (_gate)
        {
            if (node.List is not null)
            {
                _watchers.Remove(node);
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private void OnTick()
    {
        var now = Now;
        lock (_gate)
        {
            if (_watchers.Count == 0)
            {
                // Nothing to watch: an idle server wakes nobody.
                _isRunning = false;
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                return;
            }

            for (var node = _watchers.First; node is not null;)
            {
                // A tick may take its node off the list.
                var next = node.Next;
                Tick(node.Value, now);
                node = next;
            }
        }
    }

    private static void Tick(IDeadlineWatcher watcher, long now)
    {
        try
        {
            watcher.OnTick(now);
        }
        catch (Exception e) when (e is InvalidOperationException or NotSupportedException or AggregateException)
        {
            // A foreign transport that cannot cancel a read: its own affair, and no reason to stop the clock for the others.
        }
    }
}
