namespace Uwsgi.Protocol.Transport;

/// <summary>Tells connections that wait for their sockets when those are ready.</summary>
internal sealed class Poller : Station
{
    private readonly BriefSpin _spin = new();

    public Epoll Epoll { get; } = new(wakesForGood: true);

    /// <summary>Waits for one event, and tells the connection of it on this thread.</summary>
    /// <returns>Whether to go on.</returns>
    public override bool Serve(Worker worker)
    {
        if (!TryBeginWait(worker))
        {
            return false;
        }

        var connection = Epoll.Wait(out var serial, out var events, _spin);
        EndWait(worker);
        connection?.OnEvents(Epoll, serial, events);
        return !IsStopped;
    }

    protected override void Wake() => Epoll.Wake();

    protected override void Release() => Epoll.Dispose();
}
