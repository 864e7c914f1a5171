namespace Uwsgi.Protocol.Connections;

/// <summary>Closes a connection that was left to its peer, when that does not close it in time.</summary>
internal sealed class AbandonedConnection : IDeadlineWatcher, IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private readonly LinkedListNode<IDeadlineWatcher> _watch;
    private readonly ConnectionEnd _end;
    private readonly Deadlines _deadlines;
    private long _deadline;
    private bool _isOver;

    public AbandonedConnection(ConnectionEnd end, Deadlines deadlines)
    {
        _watch = new LinkedListNode<IDeadlineWatcher>(this);
        _end = end;
        _deadlines = deadlines;
    }

    /// <summary>The peer has so much time, unless the connection is over already.</summary>
    public void Watch(TimeSpan patience)
    {
        lock (_gate)
        {
            if (!_isOver)
            {
                _deadline = _deadlines.After(patience);
                _deadlines.Add(_watch);
            }
        }
    }

    /// <summary>The connection is over.</summary>
    public void Unwatch()
    {
        lock (_gate)
        {
            _isOver = true;
            _deadlines.Remove(_watch);
        }
    }

    void IDeadlineWatcher.OnTick(long now)
    {
        if (now >= _deadline)
        {
            _deadlines.Remove(_watch);
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    void IThreadPoolWorkItem.Execute() => _end.Abort(EndReason.Harakiri);
}
