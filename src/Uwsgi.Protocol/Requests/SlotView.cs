using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Requests;

/// <summary>A copy of what a slot showed, to be used again and again.</summary>
internal sealed class SlotView
{
    public int Id { get; private set; }

    public RequestCounters Counters { get; private set; }

    /// <summary>Whether a request is in it; without, the rest is empty.</summary>
    public bool IsInUse { get; private set; }

    /// <summary>The front end's protocol; null of HTTP.</summary>
    public GatewayProtocol? Protocol { get; private set; }

    /// <summary>When the request began, as the table's clock counts.</summary>
    public long Started { get; private set; }

    public CgiVariables Variables { get; } = new();

    /// <summary>Called under the slot's lock.</summary>
    public void Load(int id, in RequestCounters counters, IRunningRequest? request, long started)
    {
        (Id, Counters, IsInUse, Protocol, Started) = (id, counters, request is not null, request?.Protocol, started);
        Variables.Clear();
        if (request is not null)
        {
            Variables.Load(request.Variables);
        }
    }
}
