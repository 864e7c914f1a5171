using System.IO.Pipelines;
using Uwsgi.Protocol.Offload;

namespace Uwsgi.Protocol.Connections;

/// <summary>A response in the line of <see cref="FastCgiTurns"/>, up to a flush of its own.</summary>
/// <param name="output">The response.</param>
/// <param name="before">How much of all that is written goes out before the content.</param>
/// <param name="content">What goes out from where it is.</param>
/// <param name="isEnding">Whether its last turn is its end.</param>
/// <param name="cancellationToken">Takes it out of the line, at its next turn.</param>
internal sealed class FastCgiSender(FastCgiOutput output, long before, DirectContent content, bool isEnding, CancellationToken cancellationToken)
    : IThreadPoolWorkItem
{
    private readonly TaskCompletionSource<FlushResult> _sent = new();
    private readonly OffloadThread? _thread = OffloadThread.Current;
    private DirectContent _content = content;
    private FlushResult _result;
    private Exception? _failure;

    /// <summary>Ends when its last turn has been sent.</summary>
    public Task<FlushResult> Sent => _sent.Task;

    /// <summary>Writes a turn, and flushes it; called with the gate held.</summary>
    public Task<FlushResult> TakeTurn(out bool isLast)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            return output.TakeTurn(before, ref _content, isEnding, out isLast, cancellationToken).AsTask();
        }
        catch (Exception e)
        {
            isLast = true;
            return Task.FromException<FlushResult>(e);
        }
    }

    /// <summary>Its last turn has been sent, or failed. Who waits for that goes on soon, and not here: others are to have their turns.</summary>
    public void End(FlushResult result, Exception? failure, IDirectConnection? connection)
    {
        (_result, _failure) = (result, failure);
        if (_thread == OffloadThread.Current && _thread is not null)
        {
            // Of a file: no more of the app's follows.
            Execute();
        }
        else if (_thread is not null)
        {
            // It needs no thread of the pool, of which the app may have left none.
            _thread.Post(Execute);
        }
        else if (connection is not null)
        {
            _ = connection.Schedule(this);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    public void Execute()
    {
        if (_failure is null)
        {
            _sent.SetResult(_result);
        }
        else
        {
            _sent.SetException(_failure);
        }
    }
}
