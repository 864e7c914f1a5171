using System.Runtime.CompilerServices;

namespace Uwsgi.Protocol.Offload;

/// <summary>The threads that send files; they start when they are first needed.</summary>
internal sealed class OffloadThreads(int count) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly OffloadThread?[] _threads = new OffloadThread?[count];
    private bool _isDisposed;

    /// <summary>The thread that sends files to a connection, the same each time; null where the system gives none, and after the end.</summary>
    public OffloadThread? Of(object connection)
    {
        // uWSGI goes by the number of the core that has run the request.
        var index = (RuntimeHelpers.GetHashCode(connection) & int.MaxValue) % _threads.Length;
        lock (_gate)
        {
            return _isDisposed ? null : _threads[index] ??= TryStart();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        foreach (var thread in _threads)
        {
            thread?.Dispose();
        }
    }

    private static OffloadThread? TryStart()
    {
        OffloadThread? thread = null;
        try
        {
            thread = new OffloadThread();
            thread.Start();
            return thread;
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException or IOException)
        {
            // A limit of the system's, or of its container's: files are sent all the same, by threads that others use too.
            thread?.Dispose();
            return null;
        }
    }
}
