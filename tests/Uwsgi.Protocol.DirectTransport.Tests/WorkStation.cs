using System.Collections.Concurrent;
using Uwsgi.Protocol.Transport;

namespace Uwsgi.Protocol.Tests.DirectTransport;

/// <summary>Where the threads of a crew get the connections that tests open.</summary>
internal sealed class WorkStation : Station
{
    private readonly BlockingCollection<Action<Worker>> _work = [];

    public void Add(Action<Worker> work) => _work.Add(work);

    public override bool Serve(Worker worker)
    {
        if (!TryBeginWait(worker))
        {
            return false;
        }

        var isWork = _work.TryTake(out var work, Timeout.Infinite);
        EndWait(worker);
        work?.Invoke(worker);
        return isWork;
    }

    protected override void Wake() => _work.CompleteAdding();

    protected override void Release() => _work.Dispose();
}
