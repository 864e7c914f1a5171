using Microsoft.AspNetCore.Connections;

namespace Uwsgi.Protocol.Connections;

/// <summary>Until when a FastCGI connection waits: for the params of requests, for the rest of a record, or for anything at all.</summary>
internal sealed class FastCgiDeadline : IDeadlineWatcher
{
    private readonly ConnectionContext _connection;
    private readonly GatewayRuntime _runtime;
    private readonly FastCgiRequests _requests;
    private readonly LinkedListNode<IDeadlineWatcher> _node;
    private long _partial = long.MaxValue;
    private long _deadline = long.MaxValue;
    private volatile bool _hasPassed;

    public FastCgiDeadline(ConnectionContext connection, GatewayRuntime runtime, FastCgiRequests requests)
    {
        (_connection, _runtime, _requests) = (connection, runtime, requests);
        _node = new LinkedListNode<IDeadlineWatcher>(this);
    }

    /// <summary>Whether it is looked at.</summary>
    public bool IsWatched => _node.List is not null;

    /// <summary>Has it looked at from here on: passing, it cancels the connection's read.</summary>
    public void Watch() => _runtime.Deadlines.Add(_node);

    public void Unwatch() => _runtime.Deadlines.Remove(_node);

    /// <summary>A record is complete.</summary>
    public void OnRecord() => _partial = long.MaxValue;

    /// <summary>What there is was taken; whole records, or something of another one is left.</summary>
    public void OnRead(bool isWhole) =>
        _partial = isWhole ? long.MaxValue : Math.Min(_partial, _runtime.Deadlines.After(_runtime.Limits.RequestHeadTimeout));

    /// <summary>The connection is about to be read.</summary>
    public void OnReading()
    {
        var deadline = long.MaxValue;
        if (_requests.Begun.Count > 0)
        {
            deadline = _requests.Begun.Values.Min(request => request.Deadline);
        }
        else if (_requests.RunningCount == 0)
        {
            // A byte now and then of a record that never is complete keeps nothing alive.
            deadline = _partial != long.MaxValue ? _partial : _runtime.Deadlines.After(_runtime.Limits.IdleTimeout);
        }

        Volatile.Write(ref _deadline, deadline);
    }

    /// <summary>The last request has come to its end: from here on the connection is idle, unless the thread that reads knows better.</summary>
    public void OnIdle() => Volatile.Write(ref _deadline, _runtime.Deadlines.After(_runtime.Limits.IdleTimeout));

    /// <summary>Whether it has passed since this was last asked.</summary>
    public bool TakePassed()
    {
        if (!_hasPassed)
        {
            return false;
        }

        _hasPassed = false;
        return true;
    }

    /// <summary>What has been waited for too long, where no request is there for whose sake the connection goes on.</summary>
    /// <param name="now">The time.</param>
    /// <param name="setting">The limit that says how long.</param>
    public EndReason? Reason(long now, out string setting)
    {
        var isPartial = _partial != long.MaxValue;
        setting = isPartial ? nameof(UwsgiProtocolLimits.RequestHeadTimeout) : nameof(UwsgiProtocolLimits.IdleTimeout);
        return _requests.Begun.Count > 0 || _requests.RunningCount > 0 || now < Volatile.Read(ref _deadline) ? null
            : isPartial ? EndReason.RequestHeadTimeout
            : EndReason.IdleTimeout;
    }

    void IDeadlineWatcher.OnTick(long now)
    {
        if (Volatile.Read(ref _deadline) == long.MaxValue && _requests.RunningCount == 0)
        {
            // The last request has come to its end, and nothing has been read since: from here on the connection is idle.
            Interlocked.CompareExchange(ref _deadline, _runtime.Deadlines.After(_runtime.Limits.IdleTimeout), long.MaxValue);
        }

        if (now >= Volatile.Read(ref _deadline))
        {
            _hasPassed = true;
            _connection.Transport.Input.CancelPendingRead();
        }
    }
}
