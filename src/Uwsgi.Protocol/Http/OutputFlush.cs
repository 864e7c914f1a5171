using System.IO.Pipelines;
using Uwsgi.Protocol.Connections;

namespace Uwsgi.Protocol.Http;

/// <summary>Flushes a writer one flush at a time, whoever asks: the app, the server in its place, or another request of the connection.</summary>
internal sealed class OutputFlush(Lock gate)
{
    private Task<FlushResult>? _pending;

    /// <summary>Whether all that was flushed has been sent; called with the gate held.</summary>
    public bool IsIdle => _pending is null or { IsCompleted: true };

    /// <summary>Flushes; called with the gate held.</summary>
    public ValueTask<FlushResult> FlushAsync(PipeWriter output, CancellationToken cancellationToken = default)
    {
        if (_pending is { IsCompleted: false } earlier)
        {
            _pending = FlushAfterAsync(earlier, output, cancellationToken);
            return new ValueTask<FlushResult>(_pending);
        }

        var flush = Start(output, cancellationToken);
        if (flush.IsCompletedSuccessfully)
        {
            return flush;
        }

        _pending = flush.AsTask();
        return new ValueTask<FlushResult>(_pending);
    }

    public void Reset() => _pending = null;

    private async Task<FlushResult> FlushAfterAsync(Task<FlushResult> earlier, PipeWriter output, CancellationToken cancellationToken)
    {
        // How that one ended is for who asked for it.
        await ((Task)earlier).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        ValueTask<FlushResult> flush;
        lock (gate)
        {
            flush = Start(output, cancellationToken);
        }

        return await flush.ConfigureAwait(false);
    }

    // What fails at once fails as what fails later does.
    private static ValueTask<FlushResult> Start(PipeWriter output, CancellationToken cancellationToken)
    {
        try
        {
            return output.FlushAsync(cancellationToken);
        }
        catch (Exception e) when (TransportFailure.Is(e))
        {
            return ValueTask.FromException<FlushResult>(e);
        }
    }
}
