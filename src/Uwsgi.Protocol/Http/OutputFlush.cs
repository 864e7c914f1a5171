using System.IO.Pipelines;
using Uwsgi.Protocol.Connections;

namespace Uwsgi.Protocol.Http;

/// <summary>Flushes a writer one flush at a time, whoever asks: the app, the server in its place, or another request of the connection.</summary>
internal sealed class OutputFlush(Lock gate)
{
    private Task<FlushResult>? _pending;

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
        // How that one ended is for who asked for it.
        await ((Task)earlier).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        ValueTask<FlushResult> flush;
        lock (gate)
        {
            flush = Start(start, state, cancellationToken);
        }

        return await flush.ConfigureAwait(false);
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
