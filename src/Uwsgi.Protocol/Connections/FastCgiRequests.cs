namespace Uwsgi.Protocol.Connections;

/// <summary>The requests of one FastCGI connection, by their ids.</summary>
internal sealed class FastCgiRequests(Lock gate)
{
    private readonly Dictionary<ushort, FastCgiRequest> _entered = [];
    private TaskCompletionSource? _allLeft;
    private TaskCompletionSource? _allBack;
    private int _count;
    private int _running;
    private int _inApp;
    private int _killed;

    /// <summary>Those whose params are not complete. They belong to the thread that reads; those in the app are under the gate.</summary>
    public Dictionary<ushort, FastCgiRequest> Begun { get; } = [];

    /// <summary>How many are in the app and have not ended on the wire.</summary>
    public int RunningCount => Volatile.Read(ref _running);

    /// <summary>Those in the app, ended on the wire or not.</summary>
    public FastCgiRequest[] Running()
    {
        lock (gate)
        {
            return [.. _entered.Values];
        }
    }

    /// <summary>The one in the app that has, or was the last to have, an id.</summary>
    public FastCgiRequest? Find(ushort id)
    {
        // Only who asks enters others.
        if (Volatile.Read(ref _count) == 0)
        {
            return null;
        }

        lock (gate)
        {
            return _entered.GetValueOrDefault(id);
        }
    }

    public void Enter(FastCgiRequest request)
    {
        lock (gate)
        {
            _entered[request.Id] = request;
            _count = _entered.Count;
            request.HasEntered = true;
            _running++;
            _inApp++;
        }
    }

    /// <summary>It ends on the wire; called with the gate held.</summary>
    /// <returns>Whether it had not.</returns>
    public bool TryEnd(FastCgiRequest request)
    {
        if (request.HasEnded)
        {
            return false;
        }

        request.HasEnded = true;
        _running -= request.HasEntered ? 1 : 0;
        return true;
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
        _ = TryEnd(request);
        if (_entered.GetValueOrDefault(request.Id) == request)
        {
            _entered.Remove(request.Id);
            _count = _entered.Count;
        }

        if (!request.IsKilled)
        {
            LeaveApp();
        }
        else if (--_killed == 0)
        {
            _allBack?.TrySetResult();
        }

        return _count == 0;
    }

    /// <summary>Waits until the app is done with all of them, or they were ended in its place; no more come.</summary>
    public Task WhenAllLeftAsync()
    {
        lock (gate)
        {
            return _inApp == 0 ? Task.CompletedTask : (_allLeft = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Waits until the app is done with those that were ended in its place.</summary>
    public Task WhenAllBackAsync()
    {
        lock (gate)
        {
            return _killed == 0 ? Task.CompletedTask : (_allBack = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
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
