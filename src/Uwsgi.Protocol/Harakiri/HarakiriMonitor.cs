using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Uwsgi.Protocol.Harakiri;

/// <summary>
/// Watches the requests of one app: a list, and a thread that looks at it every 50 ms. A timer would need a thread of the pool, and where handlers
/// block those, none comes just when it is wanted.
/// </summary>
internal sealed class HarakiriMonitor : IDisposable
{
    private const string Key = "Uwsgi.Protocol.HarakiriMonitor";

    // Milliseconds: half of what a deadline may be late.
    private const int Interval = 50;

    // Nothing watched by it for so many looks: it leaves the list. None in the list for so many: nobody looks any more.
    private const int LooksUntilRest = 20;

    private readonly Lock _gate = new();
    private readonly Lock _lookGate = new();

    // What watches one request behind the other stays in it in between: of a request that begins or ends nobody else is told.
    private readonly List<WatchedRequest> _listed = [];
    private readonly List<WatchedRequest> _due = [];
    private readonly AutoResetEvent _wake = new(false);
    private readonly TimeProvider _time;
    private readonly HarakiriMetrics _metrics;
    private Thread? _thread;
    private bool _isResting;
    private volatile bool _isInUse;
    private volatile bool _isStopped;
    private long _killed;
    private long _stuckTotal;
    private int _stuck;

    public HarakiriMonitor(ILoggerFactory loggerFactory, IMeterFactory meterFactory, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        Log = new HarakiriLog(loggerFactory.CreateLogger("Uwsgi.Protocol.Harakiri"));
        _metrics = new HarakiriMetrics(meterFactory);
    }

    public HarakiriLog Log { get; }

    /// <summary>Whether anything is watched: who is not, pays nothing.</summary>
    public bool IsInUse => _isInUse;

    /// <summary>The time in ticks of <see cref="TimeSpan"/>, from an arbitrary start, never backwards.</summary>
    public long Now => At(_time.GetTimestamp());

    public DateTimeOffset UtcNow => _time.GetUtcNow();

    /// <summary>How many requests have passed their deadline; uWSGI's <c>harakiri_count</c>.</summary>
    public long Killed => Volatile.Read(ref _killed);

    /// <summary>How many handlers still run though their requests have been ended.</summary>
    public int Stuck => Volatile.Read(ref _stuck);

    /// <summary>How many have ever been so.</summary>
    public long StuckTotal => Volatile.Read(ref _stuckTotal);

    /// <summary>How many requests are watched.</summary>
    public int Watched
    {
        get
        {
            lock (_gate)
            {
                return _listed.Count(static request => request.IsWatched);
            }
        }
    }

    /// <summary>The app's own; one for this app alone where no service has asked for it.</summary>
    public static HarakiriMonitor Of(IApplicationBuilder app)
    {
        var services = app.ApplicationServices;
        if (services.GetService<HarakiriMonitor>() is { } shared)
        {
            return shared;
        }

        if (app.Properties.TryGetValue(Key, out var value) && value is HarakiriMonitor earlier)
        {
            return earlier;
        }

        var own = new HarakiriMonitor(
            services.GetRequiredService<ILoggerFactory>(), services.GetRequiredService<IMeterFactory>(), services.GetService<TimeProvider>());
        app.Properties[Key] = own;
        services.GetService<IHostApplicationLifetime>()?.ApplicationStopped.Register(static state => ((HarakiriMonitor)state!).Dispose(), own);
        return own;
    }

    /// <summary>The same, of a moment that the app's clock has told.</summary>
    public long At(long timestamp) => _time.GetElapsedTime(0, timestamp).Ticks;

    /// <summary>There will be requests to watch.</summary>
    public void Begin()
    {
        lock (_gate)
        {
            if (_thread is not null)
            {
                return;
            }

            _isInUse = true;
            _thread = new Thread(Run) { IsBackground = true, Name = "uwsgi harakiri" };
        }

        _thread.Start();
    }

    /// <summary>When a time that begins somewhere is over; never, of a time that is none or cannot be counted.</summary>
    public static long After(long start, TimeSpan time) =>
        time <= TimeSpan.Zero || time.Ticks > long.MaxValue - start ? long.MaxValue : start + time.Ticks;

    public void Add(WatchedRequest request)
    {
        lock (_gate)
        {
            (request.Place, request.IdleLooks) = (_listed.Count, 0);
            _listed.Add(request);
            if (_isResting)
            {
                _isResting = false;
                _wake.Set();
            }
        }
    }

    public void Remove(WatchedRequest request)
    {
        lock (_gate)
        {
            // The last one takes its place.
            var last = _listed[^1];
            _listed[request.Place] = last;
            last.Place = request.Place;
            _listed.RemoveAt(_listed.Count - 1);
        }
    }

    /// <summary>A request has passed its deadline.</summary>
    public void OnKilled(in RequestDescription request)
    {
        Interlocked.Increment(ref _killed);
        _metrics.Killed(request.Protocol, request.Route);
    }

    /// <summary>A request has been ended, and its handler still runs.</summary>
    /// <returns>How many do.</returns>
    public int OnStuck(in RequestDescription request)
    {
        Interlocked.Increment(ref _stuckTotal);
        _metrics.Stuck(1, request.Protocol);
        return Interlocked.Increment(ref _stuck);
    }

    /// <summary>A handler that was stuck has come back.</summary>
    /// <returns>How many have not.</returns>
    public int OnBack(in RequestDescription request)
    {
        _metrics.Stuck(-1, request.Protocol);
        return Interlocked.Decrement(ref _stuck);
    }

    /// <summary>Looks at all requests, and does what their deadlines ask for.</summary>
    public void Look()
    {
        lock (_lookGate)
        {
            var now = Now;
            lock (_gate)
            {
                for (var i = _listed.Count - 1; i >= 0; i--)
                {
                    var request = _listed[i];
                    if (request.Deadline <= now)
                    {
                        _due.Add(request);
                    }

                    request.IdleLooks = request.IsWatched ? 0 : request.IdleLooks + 1;
                    if (request.IdleLooks >= LooksUntilRest && request.TryLeaveList())
                    {
                        Remove(request);
                    }
                }
            }

            foreach (var request in _due)
            {
                Tell(request, now);
            }

            _due.Clear();
        }
    }

    public void Dispose()
    {
        _isStopped = true;
        _wake.Set();
    }

    private void Run()
    {
        var restful = 0;
        while (!_isStopped)
        {
            Look();
            bool isResting;
            lock (_gate)
            {
                restful = _listed.Count == 0 ? restful + 1 : 0;
                isResting = _isResting = restful >= LooksUntilRest;
            }

            _wake.WaitOne(isResting ? Timeout.Infinite : Interval);
        }
    }

    private void Tell(WatchedRequest request, long now)
    {
        try
        {
            request.OnDue(now);
        }
        catch (Exception e)
        {
            // A logger of the app's, or a foreign transport: the others are watched on.
            Log.MonitorFailed(e);
        }
    }
}
