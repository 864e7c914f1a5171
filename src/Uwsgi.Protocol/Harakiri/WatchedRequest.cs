using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Uwsgi.Protocol.Harakiri;

/// <summary>
/// A request and its deadline. It is the request's endpoint feature too, where it stands before routing: that is how it learns what the endpoint
/// says. All that is done to a request from outside is done under the gate, and <see cref="End"/> waits for it: what is ended is never the next
/// request. Where nobody is at it, which is nearly always, the request itself takes no lock.
/// </summary>
internal abstract class WatchedRequest : IHarakiriFeature, IEndpointFeature
{
    // Of the state: a request is watched; it is in the monitor's list; its handler has come back; the monitor is at it, and holds the gate.
    private const int Watched = 1;
    private const int Listed = 2;
    private const int Returned = 4;
    private const int Attended = 8;

    private readonly Lock _gate = new();
    private readonly HarakiriMonitor _monitor;
    private HarakiriOptions _options = null!;
    private Endpoint? _endpoint;
    private ThreadTrace _thread;
    private RequestDescription _description;
    private long _started;
    private long _deadline = long.MaxValue;
    private int _state;
    private bool _isStuck;
    private volatile bool _isTriggered;

    protected WatchedRequest(HarakiriMonitor monitor) => _monitor = monitor;

    public bool IsTriggered => _isTriggered;

    /// <summary>When there is something to do about it, as the monitor's clock counts.</summary>
    public long Deadline => Volatile.Read(ref _deadline);

    /// <summary>Whether a request is watched by it.</summary>
    public bool IsWatched => (Volatile.Read(ref _state) & Watched) != 0;

    /// <summary>Its place in the monitor's list. The monitor's.</summary>
    public int Place { get; set; }

    /// <summary>For how many looks of the monitor nothing was watched by it. The monitor's.</summary>
    public int IdleLooks { get; set; }

    public Endpoint? Endpoint
    {
        get => _endpoint;
        set
        {
            _endpoint = value;
            if (value?.Metadata.GetMetadata<HarakiriAttribute>() is { } metadata)
            {
                SetDeadline(HarakiriMonitor.After(_started, metadata.Timeout));
            }
        }
    }

    /// <summary>Whether the front end has handed its connection over.</summary>
    protected abstract bool IsUpgraded { get; }

    /// <summary>Whether it watches other requests behind this one, and stays in the monitor's list meanwhile.</summary>
    protected abstract bool IsUsedAgain { get; }

    private double Age => TimeSpan.FromTicks(_monitor.Now - _started).TotalSeconds;

    private bool IsExempt => IsUpgraded && !_options.IncludeUpgraded;

    /// <summary>Watches the request from now on.</summary>
    /// <param name="options">What to do about it.</param>
    /// <param name="started">When its head was complete.</param>
    /// <param name="endpoint">Its endpoint, where that is known already.</param>
    public void Begin(HarakiriOptions options, long started, Endpoint? endpoint)
    {
        if ((Volatile.Read(ref _state) & Attended) != 0)
        {
            // Still at the request before, which has ended on the monitor's own thread.
            WaitForMonitor();
        }

        (_options, _started, _endpoint) = (options, started, endpoint);
        _isTriggered = _isStuck = false;
        _thread = options.Verbose ? ThreadTrace.OfCurrent() : default;
        Volatile.Write(ref _deadline, DeadlineOf(options, endpoint));
        if ((Interlocked.Or(ref _state, Watched | Listed) & Listed) == 0)
        {
            _monitor.Add(this);
        }
    }

    /// <summary>Other options count from here on; of the request's time, what has passed has passed.</summary>
    public void Use(HarakiriOptions options)
    {
        _options = options;
        SetDeadline(DeadlineOf(options, _endpoint));
    }

    public void Restart(TimeSpan timeout) =>
        SetDeadline(HarakiriMonitor.After(_monitor.Now, HarakiriOptions.Checked(timeout, nameof(timeout))));

    /// <summary>The handler waits for something, and holds no thread that is known.</summary>
    public void OnWaiting()
    {
        if (_options.Verbose)
        {
            lock (_gate)
            {
                _thread = default;
            }
        }
    }

    /// <summary>The handler has come back. Whoever is just ending the request in its place is done with that when this returns.</summary>
    public void OnReturned()
    {
        if (IsWatched && (Interlocked.Or(ref _state, Returned) & Attended) != 0)
        {
            WaitForMonitor();
        }
    }

    /// <summary>The request is over: nothing is done about it from here on.</summary>
    public void End()
    {
        if (!IsWatched)
        {
            return;
        }

        if (!IsUsedAgain)
        {
            _monitor.Remove(this);
        }

        if ((Interlocked.And(ref _state, ~(Watched | Returned)) & Attended) != 0)
        {
            WaitForMonitor();
        }

        Volatile.Write(ref _deadline, long.MaxValue);
        _thread = default;
        if (_isStuck)
        {
            _monitor.Log.CameBack(_description, Age, _monitor.OnBack(_description));
        }
    }

    /// <summary>Whether it may leave the monitor's list: nothing is watched by it, and what comes next puts it there again.</summary>
    public bool TryLeaveList() => Interlocked.CompareExchange(ref _state, 0, Listed) == Listed;

    /// <summary>The monitor has seen that the deadline has passed.</summary>
    public void OnDue(long now)
    {
        lock (_gate)
        {
            try
            {
                // From here on a request that comes to its end waits; one that has come to it is let alone.
                if ((Interlocked.Or(ref _state, Attended) & Watched) != 0)
                {
                    OnWatchedDue(now);
                }
            }
            finally
            {
                Interlocked.And(ref _state, ~Attended);
            }
        }
    }

    /// <summary>Tells the app to stop.</summary>
    protected abstract void Cancel();

    /// <summary>Ends the request, whatever the app does.</summary>
    protected abstract KillOutcome EndInItsPlace();

    /// <summary>What there is to say of it.</summary>
    protected abstract RequestDescription Describe();

    /// <summary>Its variables, a line each, without its secrets.</summary>
    protected abstract string DescribeVariables();

    private void OnWatchedDue(long now)
    {
        if (_deadline <= now && !_isTriggered)
        {
            Trigger(now);
        }

        // Without a grace it is due again at once; one that has another deadline since is not.
        if (_deadline <= now)
        {
            Kill();
        }
    }

    private void WaitForMonitor()
    {
        lock (_gate)
        {
        }
    }

    private long DeadlineOf(HarakiriOptions options, Endpoint? endpoint) =>
        HarakiriMonitor.After(_started, endpoint?.Metadata.GetMetadata<HarakiriAttribute>()?.Timeout ?? options.Timeout);

    private void SetDeadline(long deadline)
    {
        lock (_gate)
        {
            if (IsWatched && !_isTriggered)
            {
                _deadline = deadline;
            }
        }
    }

    private void Trigger(long now)
    {
        if (IsExempt)
        {
            _deadline = long.MaxValue;
            return;
        }

        _isTriggered = true;
        _deadline = now + Math.Min(_options.Grace.Ticks, long.MaxValue - now);
        _description = Describe();
        var details = _options.Verbose ? _thread.Describe() + DescribeVariables() : "";
        _monitor.OnKilled(_description);
        Cancel();
        var age = Age;
        _monitor.Log.Triggered(_description, (_monitor.UtcNow - TimeSpan.FromSeconds(age)).ToUnixTimeSeconds(), age, details);
    }

    private void Kill()
    {
        _deadline = long.MaxValue;
        if (IsExempt)
        {
            return;
        }

        // Counted first: whoever has the answer finds it in the figures.
        _isStuck = (Volatile.Read(ref _state) & Returned) == 0;
        var stuck = _isStuck ? _monitor.OnStuck(_description) : _monitor.Stuck;
        var outcome = EndInItsPlace();
        if (_isStuck)
        {
            Tell(stuck);
        }

        if (_isStuck || outcome is not KillOutcome.Complete)
        {
            _monitor.Log.Killed(_description, outcome, Age, stuck);
        }
    }

    private void Tell(int stuck)
    {
        if (_options.OnStuck is { } onStuck)
        {
            var request = new StuckRequest(
                _description.Method, _description.Target, _description.Endpoint, _description.TraceIdentifier, TimeSpan.FromSeconds(Age), stuck);
            ThreadPool.UnsafeQueueUserWorkItem(static call => call.Log.Call(call.OnStuck, call.Request), (_monitor.Log, OnStuck: onStuck, Request: request), preferLocal: false);
        }
    }
}
