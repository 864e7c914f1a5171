namespace Uwsgi.Protocol.Connections;

/// <summary>The requests of one FastCGI connection, by their ids.</summary>
internal sealed class FastCgiRequests(Lock gate)
{
    private readonly Dictionary<ushort, FastCgiRequest> _running = [];
    private TaskCompletionSource? _allLeft;
    private TaskCompletionSource? _allBack;
    private int _inApp;
    private int _killed;

    /// <summary>Those whose params are not complete. They belong to the thread that reads; those in the app are under the gate.</summary>
    public Dictionary<ushort, FastCgiRequest> Begun { get; } = [];

    /// <summary>How many are in the app and have not ended on the wire.</summary>
    public int RunningCount
    {
        get
        {
            lock (gate)
            {
                var count = 0;
                foreach (var request in _running.Values)
                {
                    count += request.HasEnded ? 0 : 1;
                }

                return count;
            }
        }
    }

    /// <summary>Those in the app, ended on the wire or not.</summary>
    public FastCgiRequest[] Running()
    {
        lock (gate)
        {
            return [.. _running.Values];
        }
    }

    /// <summary>The one in the app that has, or was the last to have, an id.</summary>
    public FastCgiRequest? Find(ushort id)
    {
        lock (gate)
        {
            return _running.GetValueOrDefault(id);
        }
    }

    /// <summary>Whether a front end may use the id of a request again; of none, it may.</summary>
    public bool HasEnded(FastCgiRequest? request)
    {
        lock (gate)
        {
            return request is null or { HasEnded: true };
        }
    }

    public void Enter(FastCgiRequest request)
    {
        lock (gate)
        {
            _running[request.Id] = request;
            _inApp++;
        }
    }

    /// <summary>It has ended, and the app is still at work on it: the connection does not wait for that.</summary>
    public void OnKilled(FastCgiRequest request)
    {
        lock (gate)
        {
            request.IsKilled = true;
            _killed++;
            LeaveApp();
        }
    }

    /// <summary>The app is done with it; called with the gate held.</summary>
    /// <returns>Whether it was the last one in the app.</returns>
    public bool Leave(FastCgiRequest request)
    {
        if (_running.GetValueOrDefault(request.Id) == request)
        {
            _running.Remove(request.Id);
        }

        if (!request.IsKilled)
        {
            LeaveApp();
        }
        else if (--_killed == 0)
        {
            _allBack?.TrySetResult();
        }

        return _running.Count == 0;
    }

    /// <summary>Waits until the app is done with all of them, or they were ended in its place; no more come.</summary>
    public Task WhenAllLeftAsync()
    {
        lock (gate)
        {
            _allLeft = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _inApp == 0 ? Task.CompletedTask : _allLeft.Task;
        }
    }

    /// <summary>Waits until the app is done with those that were ended in its place.</summary>
    public Task WhenAllBackAsync()
    {
        lock (gate)
        {
            _allBack = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _killed == 0 ? Task.CompletedTask : _allBack.Task;
        }
    }

    private void LeaveApp()
    {
        if (--_inApp == 0)
        {
            _allLeft?.TrySetResult();
        }
    }
}
