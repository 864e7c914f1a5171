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
        worker.BeginWait();
        var isWork = _work.TryTake(out var work, Timeout.Infinite);
        worker.EndWait();
        work?.Invoke(worker);
        return isWork;
    }

    public override void Stop() => _work.CompleteAdding();
}
