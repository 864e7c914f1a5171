namespace Uwsgi.Protocol.Transport;

/// <summary>Where threads wait for work, any number of them: the system gives each piece to one.</summary>
internal abstract class Station : IDisposable
{
    // How many wait; less than none once it is stopped.
    private int _waiting;

    /// <summary>How many threads wait just now.</summary>
    public int Waiting => Volatile.Read(ref _waiting) & int.MaxValue;

    protected bool IsStopped => Volatile.Read(ref _waiting) < 0;

    /// <summary>Waits for one piece of work, and does it.</summary>
    /// <returns>Whether to go on.</returns>
    public abstract bool Serve(Worker worker);

    /// <summary>Lets every thread that waits return, and none wait again.</summary>
    public void Stop()
    {
        if (Interlocked.Or(ref _waiting, int.MinValue) >= 0)
        {
            Wake();
        }
    }

    /// <summary>Stops it, and gives back what the threads wait on, as soon as none does: those at work are not waited for.</summary>
    public void Dispose()
    {
        Stop();
        var spin = default(SpinWait);
        while (Volatile.Read(ref _waiting) != int.MinValue)
        {
            spin.SpinOnce();
        }

        Release();
    }

    /// <summary>Between this and <see cref="EndWait"/>, what is waited on stays open.</summary>
    /// <returns>Whether there is anything to wait for.</returns>
    protected bool TryBeginWait(Worker worker)
    {
        if (Interlocked.Increment(ref _waiting) > 0)
        {
            worker.BeginWait();
            return true;
        }

        Interlocked.Decrement(ref _waiting);
        return false;
    }

    protected void EndWait(Worker worker)
    {
        worker.EndWait();
        Interlocked.Decrement(ref _waiting);
    }

    /// <summary>Lets the threads that wait return, and those that are about to.</summary>
    protected abstract void Wake();

    /// <summary>Nobody waits any more.</summary>
    protected abstract void Release();
}
