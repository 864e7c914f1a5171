using System.Diagnostics.CodeAnalysis;

namespace Uwsgi.Protocol.Transport;

/// <summary>A thread of the direct transport: waits at its station, does what it gets, the app's code included, and waits again.</summary>
internal sealed class Worker
{
    private readonly Crew _crew;
    [ThreadStatic]
    private static Worker? _current;

    private readonly Queue<IThreadPoolWorkItem> _scheduled = [];
    private readonly object _recall = new();
    private bool _isRecalled;
    private volatile bool _isOnItsWay = true;
    private volatile bool _isWaiting;
    private volatile int _turns;
    private SocketConnection? _serving;
    private int _threadId;

    public Worker(Crew crew) => _crew = crew;

    /// <summary>Whether it is sent to its station, and has not come there yet.</summary>
    public bool IsOnItsWay => _isOnItsWay;

    /// <summary>Whether it has nothing to do.</summary>
    public bool IsWaiting => _isWaiting;

    /// <summary>How often it has got something to do; while that stands still it is with the same thing.</summary>
    public int Turns => _turns;

    /// <summary>The connection whose app it runs, from the start on; null where it only goes on with one.</summary>
    public SocketConnection? Serving
    {
        get => Volatile.Read(ref _serving);
        set => Volatile.Write(ref _serving, value);
    }

    /// <summary>A connection that is over, to be used again.</summary>
    public SocketConnection? Spare { get; set; }

    /// <summary>Where it works. The crew's.</summary>
    public Station? Station { get; set; }

    /// <summary>What the crew saw at its last look.</summary>
    public int LastTurns { get; set; }

    /// <summary>For how many looks of the crew it has been with the same thing.</summary>
    public int StalledLooks { get; set; }

    /// <summary>Whether another works in its place meanwhile.</summary>
    public bool IsReplaced { get; set; }

    /// <summary>What it does on its thread.</summary>
    public void Run()
    {
        _threadId = Libc.GetThreadId();
        _current = this;
        while (Station is { } station)
        {
            _isOnItsWay = false;
            bool goesOn;
            do
            {
                goesOn = station.Serve(this);
                while (TryTake(out var work))
                {
                    // Another thing, as far as others look at it.
                    _turns++;
                    work.Execute();
                }
            }
            while (goesOn && _crew.Keeps(this));

            if (!_crew.Park(this) || !WaitForRecall())
            {
                return;
            }
        }
    }

    /// <summary>Does some work on this thread as soon as it comes back from what it does, or, where the thread is none of the transport's, on another.</summary>
    /// <returns>Whether it is this thread that does it, unless it is kept from it.</returns>
    public static bool Schedule(IThreadPoolWorkItem work)
    {
        if (_current is not { } worker)
        {
            ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
            return false;
        }

        lock (worker._scheduled)
        {
            worker._scheduled.Enqueue(work);
        }

        return true;
    }

    /// <summary>The thread is kept by what it does: what it was to do next is done by others.</summary>
    public void PassOn()
    {
        while (TryTake(out var work))
        {
            ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
        }
    }

    public void BeginWait() => _isWaiting = true;

    public void EndWait()
    {
        _turns++;
        _isWaiting = false;
        _crew.OnWork();
    }

    /// <summary>Gives it, parked, another station; none lets it go.</summary>
    public void Recall(Station? station)
    {
        lock (_recall)
        {
            Station = station;
            _isOnItsWay = true;
            _isRecalled = true;
            Monitor.Pulse(_recall);
        }
    }

    /// <summary>Whether the system says that the thread waits for something, and not for a processor.</summary>
    public bool IsBlocked => ThreadState.Of(_threadId) is not 'R';

    private bool TryTake([NotNullWhen(true)] out IThreadPoolWorkItem? work)
    {
        lock (_scheduled)
        {
            return _scheduled.TryDequeue(out work);
        }
    }

    private bool WaitForRecall()
    {
        while (true)
        {
            lock (_recall)
            {
                if (_isRecalled || Monitor.Wait(_recall, _crew.ParkTime))
                {
                    _isRecalled = false;
                    return true;
                }
            }

            // Without the lock: who recalls it holds the crew's gate, and wants the lock.
            if (_crew.TryDismiss(this))
            {
                return false;
            }
        }
    }
}
