using System.Numerics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Hosting;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Requests;

/// <summary>
/// The requests that run, each in a slot, and what those before them add up to: for stats, and for a log of requests. Where nobody wants it by
/// the time the server starts, no request ever comes to it, and a request costs nothing more.
/// </summary>
internal sealed class RequestTable
{
    private const int WordSize = 64;

    private static readonly TimeSpan MaxMarkAge = TimeSpan.FromSeconds(1);

    private static readonly CgiVariables NoVariables = new();

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly IRequestListener[] _listeners;
    private RequestSlot[] _slots = [];
    private ulong[] _free = [];
    private int _count;
    private int _firstFree;
    private int _running;
    private long _ended;
    private long _static;
    private long _refused;
    private long _averageMicroseconds;
    private volatile TimeMark? _mark;

    public RequestTable(IEnumerable<IRequestListener> listeners, TimeProvider? time = null)
    {
        _listeners = [.. listeners];
        _time = time ?? TimeProvider.System;
        IsWanted = _listeners.Length > 0;
    }

    /// <summary>Whether requests are to be entered.</summary>
    public bool IsWanted { get; private set; }

    /// <summary>How long requests take, as uWSGI reckons: half of it is the last one's time, a quarter that of the one before, and so on.</summary>
    public long AverageMicroseconds => Volatile.Read(ref _averageMicroseconds);

    /// <summary>How many requests run.</summary>
    public int Running => Volatile.Read(ref _running);

    public DateTimeOffset UtcNow => _time.GetUtcNow();

    /// <summary>The heads that were refused: no request came of them.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>As many as there have been requests at a time; in the order of their numbers.</summary>
    public IReadOnlyList<RequestSlot> Slots
    {
        get
        {
            lock (_gate)
            {
                // Where it has grown since, what was there is in both.
                return new ArraySegment<RequestSlot>(_slots, 0, _count);
            }
        }
    }

    /// <summary>Makes it a service, which servers fill where it is wanted: a service of <see cref="IRequestListener"/> wants it.</summary>
    public static void AddTo(IServiceCollection services)
    {
        services.TryAddSingleton<RequestTable>();
        PipelineStart.AddTo(services, RequestTracking.Use);
    }

    /// <summary>Asks for it, before the server starts.</summary>
    public void Want() => IsWanted = true;

    /// <summary>A request begins: its head is complete, its variables stay as they are until it leaves.</summary>
    /// <returns>The lowest slot that is free.</returns>
    public RequestSlot Enter(IRunningRequest request)
    {
        var slot = Take();
        slot.Enter(request, _time.GetTimestamp());
        return slot;
    }

    /// <summary>A request has ended: nothing more of it reaches the front end.</summary>
    public void Leave(RequestSlot slot, IRunningRequest request, in RequestOutcome outcome)
    {
        var started = slot.Started;
        var ended = _time.GetTimestamp();
        var duration = _time.GetElapsedTime(started, ended);
        var microseconds = (long)duration.TotalMicroseconds;
        slot.Leave(outcome, microseconds);
        bool isTold;
        long number, appNumber;
        lock (_gate)
        {
            isTold = slot.IsTold;
            slot.IsTold = false;
            (number, appNumber) = isTold ? default : Count(outcome);
            if (outcome is { IsStatic: false, Reason: not EndReason.Upgraded })
            {
                // A WebSocket's hours are no response's time; a file is none of the app's, as uWSGI has it.
                Volatile.Write(ref _averageMicroseconds, (_averageMicroseconds + microseconds) / 2);
            }

            Release(slot.Id);
        }

        if (_listeners.Length > 0 && !isTold)
        {
            // It has left: nobody else makes its variables now.
            Tell(slot.Id, request, request.Variables, request.Features, outcome, (number, appNumber), started, ended);
        }
    }

    /// <summary>
    /// Tells of the end of a request whose handler is still at work on it: nothing more of it reaches the front end. It is not told again when it
    /// leaves its slot. Whoever calls sees to it that it does not leave meanwhile.
    /// </summary>
    /// <param name="slot">Its slot.</param>
    /// <param name="request">The request.</param>
    /// <param name="features">Its features, where another thread may read them.</param>
    /// <param name="outcome">How it ended.</param>
    public void TellEnd(RequestSlot slot, IRunningRequest request, IFeatureCollection? features, in RequestOutcome outcome)
    {
        if (_listeners.Length == 0)
        {
            return;
        }

        (long, long) numbers;
        lock (_gate)
        {
            if (slot.IsTold)
            {
                return;
            }

            slot.IsTold = true;
            numbers = Count(outcome);
        }

        Tell(slot.Id, request, slot.ReadVariables(request), features, outcome, numbers, slot.Started, _time.GetTimestamp());
    }

    /// <summary>A head was refused, by whatever the server answers by itself.</summary>
    /// <param name="protocol">The protocol that it came by.</param>
    /// <param name="outcome">The answer.</param>
    /// <param name="variables">Its variables, where they could be read.</param>
    public void Refuse(GatewayProtocol protocol, in RequestOutcome outcome, CgiVariables? variables)
    {
        Interlocked.Increment(ref _refused);
        if (_listeners.Length > 0)
        {
            Tell(new EndedRequest
            {
                Protocol = protocol,
                Variables = variables ?? NoVariables,
                Outcome = outcome,
                Slot = EndedRequest.NoSlot,
                Number = Volatile.Read(ref _ended),
                AppNumber = Volatile.Read(ref _ended) - Volatile.Read(ref _static),
                Started = _time.GetUtcNow(),
                Duration = TimeSpan.Zero,
            });
        }
    }

    /// <summary>What all requests that have ended add up to.</summary>
    public RequestCounters ReadTotal()
    {
        var total = default(RequestCounters);
        foreach (var slot in Slots)
        {
            total.Add(slot.Counters);
        }

        return total;
    }

    /// <summary>When a request that is seen in a slot began.</summary>
    public DateTimeOffset TimeOf(long started) => TimeOf(started, _time.GetTimestamp());

    private RequestSlot Take()
    {
        lock (_gate)
        {
            while (_firstFree < _free.Length && _free[_firstFree] == 0)
            {
                _firstFree++;
            }

            if (_firstFree == _free.Length)
            {
                Grow();
            }

            ref var word = ref _free[_firstFree];
            var bit = BitOperations.TrailingZeroCount(word);
            word &= word - 1;
            var id = (_firstFree * WordSize) + bit;
            _count = Math.Max(_count, id + 1);
            _running++;
            return _slots[id] ??= new RequestSlot(id);
        }
    }

    private (long Number, long AppNumber) Count(in RequestOutcome outcome)
    {
        _ended++;
        _static += outcome.IsStatic ? 1 : 0;
        return (_ended, _ended - _static);
    }

    private void Release(int id)
    {
        _free[id / WordSize] |= 1UL << (id % WordSize);
        _firstFree = Math.Min(_firstFree, id / WordSize);
        _running--;
    }

    private void Grow()
    {
        Array.Resize(ref _free, Math.Max(1, _free.Length * 2));
        Array.Fill(_free, ulong.MaxValue, _firstFree, _free.Length - _firstFree);
        Array.Resize(ref _slots, _free.Length * WordSize);
    }

    private void Tell(
        int slot,
        IRunningRequest request,
        CgiVariables variables,
        IFeatureCollection? features,
        in RequestOutcome outcome,
        (long All, long App) numbers,
        long started,
        long ended) =>
        Tell(new EndedRequest
        {
            Protocol = request.Protocol,
            Variables = variables,
            Features = features,
            Outcome = outcome,
            Slot = slot,
            Number = numbers.All,
            AppNumber = numbers.App,
            Started = TimeOf(started, ended),
            Duration = _time.GetElapsedTime(started, ended),
        });

    // The day is asked for once a second: within one both clocks go alike.
    private DateTimeOffset TimeOf(long timestamp, long now)
    {
        var mark = _mark;
        if (mark is null || _time.GetElapsedTime(mark.Timestamp, now) >= MaxMarkAge)
        {
            _mark = mark = new TimeMark(now, _time.GetUtcNow());
        }

        return mark.Time + _time.GetElapsedTime(mark.Timestamp, timestamp);
    }

    private void Tell(in EndedRequest request)
    {
        foreach (var listener in _listeners)
        {
            listener.OnEnded(request);
        }
    }

    private sealed record TimeMark(long Timestamp, DateTimeOffset Time);
}
