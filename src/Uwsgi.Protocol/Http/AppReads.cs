using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Uwsgi.Protocol.Http;

/// <summary>The app's reads of what a front end sends: one at a time, until the server stops them.</summary>
internal sealed class AppReads(PipeReader input)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _ended;
    private bool _isPending;
    private volatile bool _isStopped;

    public bool IsStopped => _isStopped;

    /// <exception cref="ObjectDisposedException">They are stopped.</exception>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    public void Begin()
    {
        lock (_gate)
        {
            ThrowIfStopped();
            if (_isPending)
            {
                throw new InvalidOperationException("Concurrent reads of a request are not supported.");
            }

            _isPending = true;
        }
    }

    public void End()
    {
        lock (_gate)
        {
            _isPending = false;
            _ended?.TrySetResult();
        }
    }

    /// <exception cref="ObjectDisposedException">They are stopped.</exception>
    public void ThrowIfStopped()
    {
        if (_isStopped)
        {
            throw new ObjectDisposedException(nameof(HttpRequest), "The request has ended, or the reader of its body was completed.");
        }
    }

    /// <summary>The app begins no more.</summary>
    public void Stop() => _isStopped = true;

    /// <summary>From here on the app reads no more; the server may, once a read that the app has left behind is over.</summary>
    public Task StopAsync()
    {
        lock (_gate)
        {
            _isStopped = true;
            if (!_isPending)
            {
                return Task.CompletedTask;
            }

            _ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        input.CancelPendingRead();
        return _ended.Task;
    }
}
