using System.IO.Pipelines;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Offload;

namespace Uwsgi.Protocol.Http;

/// <summary>Flushes a writer one flush at a time, whoever asks: the app, the server in its place, or another request of the connection.</summary>
internal sealed class OutputFlush(Lock gate)
{
    private Task<FlushResult>? _pending;

    /// <summary>The flush that waits, or one that has completed; called with the gate held.</summary>
    public Task Pending => _pending ?? Task.CompletedTask;

    /// <summary>Whether a flush waits; called with the gate held.</summary>
    public bool IsPending => _pending is { IsCompleted: false };

    /// <summary>Flushes; called with the gate held.</summary>
    public ValueTask<FlushResult> FlushAsync(PipeWriter output, CancellationToken cancellationToken = default) =>
        FlushAsync(static (output, cancellationToken) => output.FlushAsync(cancellationToken), output, cancellationToken);

    /// <summary>Flushes by a way of the caller's; called with the gate held, as that is.</summary>
    public ValueTask<FlushResult> FlushAsync<TState>(
        Func<TState, CancellationToken, ValueTask<FlushResult>> start, TState state, CancellationToken cancellationToken)
    {
        if (_pending is { IsCompleted: false } earlier)
        {
            _pending = FlushAfterAsync(earlier, start, state, cancellationToken);
            return new ValueTask<FlushResult>(_pending);
        }

        var flush = Start(start, state, cancellationToken);
        if (flush.IsCompletedSuccessfully)
        {
            return flush;
        }

        _pending = flush.AsTask();
        return new ValueTask<FlushResult>(_pending);
    }

    public void Reset() => _pending = null;

    private async Task<FlushResult> FlushAfterAsync<TState>(
        Task<FlushResult> earlier, Func<TState, CancellationToken, ValueTask<FlushResult>> start, TState state, CancellationToken cancellationToken)
    {
        var caller = OffloadThread.Current;

        // How that one ended is for who asked for it.
        await ((Task)earlier).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        ValueTask<FlushResult> flush;
        lock (gate)
        {
            flush = Start(start, state, cancellationToken);
        }

        var result = await flush.ConfigureAwait(false);
        if (OffloadThread.Current is not null && caller is null)
        {
            // A file went before: what the app does next is nothing for its thread.
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        }

        return result;
    }

    // What fails at once fails as what fails later does.
    private static ValueTask<FlushResult> Start<TState>(
        Func<TState, CancellationToken, ValueTask<FlushResult>> start, TState state, CancellationToken cancellationToken)
    {
        try
        {
            return start(state, cancellationToken);
        }
        catch (Exception e) when (TransportFailure.Is(e))
        {
            return ValueTask.FromException<FlushResult>(e);
        }
    }
}
