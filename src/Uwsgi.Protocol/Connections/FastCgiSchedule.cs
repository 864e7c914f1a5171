using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace Uwsgi.Protocol.Connections;

/// <summary>Hands the requests of one FastCGI connection to the threads that run them.</summary>
internal sealed class FastCgiSchedule(FastCgiConnection owner, ConnectionContext connection, FastCgiRequests requests)
{
    private readonly List<FastCgiRequest> _ready = [];
    private FastCgiCork? _cork;
    private FastCgiRequest? _inline;

    /// <summary>Whether a request is run by the thread that reads the connection, which is in the app until it comes back.</summary>
    public bool IsInline(FastCgiRequest request) => request == Volatile.Read(ref _inline);

    /// <summary>A request has come, and more may have come with it.</summary>
    public void Add(FastCgiRequest request) => _ready.Add(request);

    /// <summary>Runs the requests that have come.</summary>
    public void Run()
    {
        var direct = connection as IDirectConnection;
        if (_ready is [{ KeepConnection: false, HasAllStdin: true } last] && requests.RunningCount == 1 && requests.Begun.Count == 0 && direct is not null)
        {
            // Nothing comes behind it that the connection would have to be read for.
            _ready.Clear();
            _inline = last;
            ((IThreadPoolWorkItem)last).Execute();

            // Who ends it on another thread from here on wakes the reader, and who did so before is seen by it.
            Interlocked.Exchange(ref _inline, null);
            return;
        }

        // Not here: whatever the app does with them, the connection is read.
        var isKept = _ready.Count > 1;
        var isHere = false;
        foreach (var request in _ready)
        {
            isKept &= request.KeepConnection;
            if (direct is not null)
            {
                isHere = direct.Schedule(request);
            }
            else
            {
                ThreadPool.QueueUserWorkItem(static request => ((IThreadPoolWorkItem)request).Execute(), request, preferLocal: false);
            }
        }

        _ready.Clear();
        if (isKept && isHere)
        {
            _cork ??= new FastCgiCork(owner);
            _cork.Begin();
            _ = direct!.Schedule(_cork);
        }
    }

    /// <summary>Holds back what a flush would send, where the answers of requests that came together leave together; called with the gate held.</summary>
    public bool TryHold(PipeWriter output) => _cork?.TryHold(output) == true;

    /// <summary>Sends what was held back.</summary>
    public Task SendHeldAsync() => _cork?.EndAllAsync() ?? Task.CompletedTask;
}
