namespace Uwsgi.Protocol.Transport;

/// <summary>
/// The threads of the direct transport. Each station has one that waits; who gets work does it where he stands, the app's code included. A
/// look around every few milliseconds finds the stations where nobody waits any more: their threads are at work, or an app blocks them, and
/// others take over.
/// </summary>
internal sealed class Crew : IDisposable
{
    // A thread that computes for so many looks counts as blocked too; what it was to do next is done by others before that.
    private const int PatienceWithComputing = 20;
    private const int PatienceWithWork = 3;

    private readonly Lock _gate = new();
    private readonly List<Station> _stations = [];
    private readonly List<Worker> _workers = [];
    private readonly List<Worker> _parked = [];
    private readonly AutoResetEvent _wake = new(false);
    private readonly int _processors = Environment.ProcessorCount;
    private readonly Action<Thread> _start;
    private readonly Action<Exception> _onFailed;
    private bool _hasFailed;
    private volatile bool _isResting;
    private volatile bool _isStopped;

    /// <param name="onFailed">Hears why no more threads are to be had.</param>
    /// <param name="start">Starts a thread; null for the system's way.</param>
    public Crew(Action<Exception> onFailed, Action<Thread>? start = null)
    {
        _onFailed = onFailed;
        _start = start ?? (static thread => thread.Start());
    }

    /// <summary>How long a thread without a station stays.</summary>
    public TimeSpan ParkTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Milliseconds between two looks.</summary>
    public int Interval { get; init; } = 5;

    /// <summary>Nothing to do for so many looks: nobody looks any more.</summary>
    public int LooksUntilRest { get; init; } = 200;

    public void Start(IEnumerable<Station> stations)
    {
        lock (_gate)
        {
            foreach (var station in stations)
            {
                _stations.Add(station);
                TrySend(station);
            }
        }

        // Without it nobody takes over: the server does not start.
        _start(new Thread(Look) { IsBackground = true, Name = "uwsgi crew" });
    }

    /// <summary>Somebody has got work.</summary>
    public void OnWork()
    {
        Interlocked.MemoryBarrier();
        if (_isResting)
        {
            _isResting = false;
            _wake.Set();
        }
    }

    /// <summary>Whether a thread that has done its work stays at its station.</summary>
    public bool Keeps(Worker worker)
    {
        var waiting = worker.Station!.Waiting;
        if (!worker.IsReplaced)
        {
            // More than ever work at once were sent against a crowd; and who waits beside others is only woken in their place, out of his cache.
            return waiting < _processors;
        }

        lock (_gate)
        {
            worker.IsReplaced = false;
            worker.StalledLooks = 0;
        }

        return waiting == 0;
    }

    /// <summary>Puts a thread aside.</summary>
    /// <returns>Whether it is to wait until it is recalled.</returns>
    public bool Park(Worker worker)
    {
        lock (_gate)
        {
            _workers.Remove(worker);
            worker.Station = null;
            if (_isStopped)
            {
                return false;
            }

            _parked.Add(worker);
            return true;
        }
    }

    /// <summary>Lets a parked thread go, unless it has just been recalled.</summary>
    public bool TryDismiss(Worker worker)
    {
        lock (_gate)
        {
            if (worker.Station is not null)
            {
                return false;
            }

            _parked.Remove(worker);
            return true;
        }
    }

    /// <summary>The connections whose apps run on its threads just now.</summary>
    public SocketConnection[] Serving()
    {
        lock (_gate)
        {
            return [.. _workers.Select(worker => worker.Serving).OfType<SocketConnection>()];
        }
    }

    /// <summary>A station has no more work. It is disposed; threads that are at work there leave when that is done.</summary>
    public void Close(Station station)
    {
        lock (_gate)
        {
            _stations.Remove(station);
        }

        station.Dispose();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isStopped = true;
            _wake.Set();
            _parked.ForEach(worker => worker.Recall(null));
            _parked.Clear();
        }
    }

    private void Look()
    {
        var restful = 0;
        while (!_isStopped)
        {
            restful = LookAround() ? 0 : restful + 1;
            if (restful < LooksUntilRest)
            {
                _wake.WaitOne(Interval);
                continue;
            }

            // Whoever gets work from here on sees it, or is seen by another look.
            restful = 0;
            _isResting = true;
            Interlocked.MemoryBarrier();
            if (!LookAround())
            {
                _wake.WaitOne();
            }

            _isResting = false;
        }
    }

    /// <returns>Whether there was anything to see.</returns>
    private bool LookAround()
    {
        lock (_gate)
        {
            var hasWorked = false;
            foreach (var worker in _workers)
            {
                var isWaiting = worker.IsWaiting;
                var turns = worker.Turns;
                hasWorked |= !isWaiting || turns != worker.LastTurns;
                worker.StalledLooks = isWaiting || worker.IsOnItsWay || turns != worker.LastTurns ? 0 : worker.StalledLooks + 1;
                worker.LastTurns = turns;
                if (worker.StalledLooks >= PatienceWithWork)
                {
                    worker.PassOn();
                }
            }

            foreach (var station in _stations)
            {
                hasWorked |= !Reinforce(station);
            }

            return hasWorked;
        }
    }

    /// <returns>Whether the station has whom it needs.</returns>
    private bool Reinforce(Station station)
    {
        var busy = 0;
        var stalled = 0;
        var isOneComing = false;
        for (var i = _workers.Count - 1; i >= 0; i--)
        {
            var worker = _workers[i];
            if (worker.Station != station)
            {
                continue;
            }

            if (worker.IsWaiting)
            {
                return true;
            }

            isOneComing |= worker.IsOnItsWay;
            if (IsStalled(worker))
            {
                stalled++;
                worker.IsReplaced = true;
                worker.Serving?.LeaveInline();
                worker.PassOn();
            }
            else
            {
                busy++;
            }
        }

        if (isOneComing)
        {
            // Where threads have to wait for a processor, more of them would make it worse.
            return false;
        }

        // Where all are blocked, as many again: a crowd of blocking requests is taken on in a few looks.
        var wanted = busy == 0 ? Math.Max(1, stalled) : busy < _processors ? 1 : 0;
        for (var i = 0; i < wanted; i++)
        {
            if (!TrySend(station))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsStalled(Worker worker) =>
        worker.StalledLooks > 0 && (worker.IsReplaced || worker.StalledLooks >= PatienceWithComputing || worker.IsBlocked);

    private bool TrySend(Station station)
    {
        if (_parked is [.., var parked])
        {
            // The one that was parked last.
            _parked.RemoveAt(_parked.Count - 1);
            _workers.Add(parked);
            parked.Recall(station);
            return true;
        }

        var worker = new Worker(this) { Station = station };
        _workers.Add(worker);
        try
        {
            _start(new Thread(worker.Run) { IsBackground = true, Name = "uwsgi worker" });
            _hasFailed = false;
            return true;
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            // A limit of the system's, or of its container's. Those who are there go on, and the next look tries again.
            _workers.Remove(worker);
            if (!_hasFailed)
            {
                _hasFailed = true;
                _onFailed(e);
            }

            return false;
        }
    }
}
