namespace Uwsgi.Protocol.Http;

/// <summary>
/// RequestAborted of one request. Made when somebody asks for it; cancelled at most once, never by the thread that reads the
/// connection, and never after the response is complete.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Reliability", "CA1001", Justification = "The app may keep the token: as in Kestrel, the source is left to the collector.")]
internal sealed class RequestLifetime : IThreadPoolWorkItem
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _source = new();
    private bool _isOver;

    public CancellationToken Token => _source.Token;

    public void Cancel()
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }

            _isOver = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>From here on nothing cancels it.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isOver = true;
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        try
        {
            _source.Cancel();
        }
        catch (AggregateException)
        {
            // A callback of the app failed; there is nobody to tell, and its request is over.
        }
    }
}
