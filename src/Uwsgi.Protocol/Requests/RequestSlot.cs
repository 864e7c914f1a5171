using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Requests;

/// <summary>A place for one request at a time; uWSGI's core.</summary>
internal sealed class RequestSlot(int id)
{
    private readonly Lock _gate = new();
    private IRunningRequest? _request;
    private RequestCounters _counters;

    /// <summary>Its number, from 0.</summary>
    public int Id => id;

    /// <summary>When its request's head was complete, as the table's clock counts.</summary>
    public long Started { get; private set; }

    /// <summary>Whether its request's end has been told already. Under the table's lock.</summary>
    public bool IsTold { get; set; }

    public RequestCounters Counters
    {
        get
        {
            lock (_gate)
            {
                return _counters;
            }
        }
    }

    public void Enter(IRunningRequest request, long now)
    {
        // Who looks sees no request, or all of it.
        Started = now;
        Volatile.Write(ref _request, request);
    }

    /// <summary>From here on nobody reads the request but whoever ends it.</summary>
    public void Leave(in RequestOutcome outcome, long microseconds)
    {
        lock (_gate)
        {
            _request = null;
            _counters.Add(outcome, microseconds);
        }
    }

    /// <summary>The variables of a request that is or was in it, for whoever tells of its end: nobody else makes them meanwhile.</summary>
    public CgiVariables ReadVariables(IRunningRequest request)
    {
        lock (_gate)
        {
            return request.Variables;
        }
    }

    /// <summary>Copies what there is to see: the request does not end, and no other one begins, meanwhile.</summary>
    public void CopyTo(SlotView view)
    {
        lock (_gate)
        {
            var request = Volatile.Read(ref _request);
            view.Load(id, _counters, request, Started);
        }
    }
}
