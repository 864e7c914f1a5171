namespace Uwsgi.Protocol.Transport;

/// <summary>Where threads wait for work, any number of them: the system gives each piece to one.</summary>
internal abstract class Station
{
    /// <summary>Waits for one piece of work, and does it.</summary>
    /// <returns>Whether to go on.</returns>
    public abstract bool Serve(Worker worker);

    /// <summary>Lets every thread that waits return.</summary>
    public abstract void Stop();
}
