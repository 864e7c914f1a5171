using System.Collections.Concurrent;
using Uwsgi.Protocol.Transport;

namespace Uwsgi.Protocol.Tests.Transport;

/// <summary>A station whose work the test gives it.</summary>
internal sealed class TestStation : Station
{
    private readonly ConcurrentQueue<Action> _work = new();
    private readonly SemaphoreSlim _count = new(0);

    public bool IsReleased { get; private set; }

    public void Post(Action work)
    {
        _work.Enqueue(work);
        _count.Release();
    }

    public override bool Serve(Worker worker)
    {
        if (!TryBeginWait(worker))
        {
            return false;
        }

        Assert.False(IsReleased);
        _count.Wait();
        EndWait(worker);
        if (_work.TryDequeue(out var work))
        {
            work();
        }

        return !IsStopped;
    }

    protected override void Wake() => _count.Release(10_000);

    protected override void Release() => IsReleased = true;
}
