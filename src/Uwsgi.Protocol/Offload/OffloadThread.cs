using System.Collections.Concurrent;
using Uwsgi.Protocol.Transport;

namespace Uwsgi.Protocol.Offload;

/// <summary>A thread that sends files: many at a time, each as far as its socket takes it. No code of the app's runs on it.</summary>
internal sealed class OffloadThread : IDisposable
{
    [ThreadStatic]
    private static OffloadThread? _current;

    private readonly ConcurrentQueue<Action> _work = new();
    private readonly Thread _thread;
    private volatile bool _isStopped;

    /// <exception cref="IOException">There are no descriptors left.</exception>
    public OffloadThread() => _thread = new Thread(Run) { IsBackground = true, Name = "uwsgi offload" };

    /// <summary>The one that calls; null where that is none.</summary>
    public static OffloadThread? Current => _current;

    /// <summary>Tells it of sockets that take more.</summary>
    public Epoll Epoll { get; } = new(wakesForGood: false);

    /// <exception cref="OutOfMemoryException">There are no threads left.</exception>
    /// <exception cref="ThreadStartException">There are no threads left.</exception>
    public void Start() => _thread.Start();

    /// <summary>Does something on the thread, behind what it has to do already; on this one, once the thread has stopped.</summary>
    public void Post(Action work)
    {
        _work.Enqueue(work);
        if (_isStopped)
        {
            DoWork();
            return;
        }

        try
        {
            Epoll.Wake();
        }
        catch (ObjectDisposedException)
        {
            // It has stopped meanwhile, and has done this first.
        }
    }

    /// <summary>Stops it. What waits for a socket is not waited for.</summary>
    public void Dispose()
    {
        _isStopped = true;
        Epoll.Wake();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        Epoll.Dispose();
    }

    private void Run()
    {
        _current = this;
        while (!_isStopped)
        {
            if (Epoll.Wait(out var serial, out var events) is { } connection)
            {
                connection.OnEvents(Epoll, serial, events);
            }
            else
            {
                DoWork();
            }
        }

        _current = null;
        DoWork();
    }

    // No more than there is now: what has its turn again and again leaves others theirs.
    private void DoWork()
    {
        for (var count = _work.Count; count > 0 && _work.TryDequeue(out var work); count--)
        {
            work();
        }
    }
}
