using System.IO.Pipelines;
using Uwsgi.Protocol.Connections;

namespace Uwsgi.Protocol.Http;

/// <summary>Flushes a connection's output one flush at a time, whoever asks: the app, and the server in its place.</summary>
internal sealed class OutputFlush(Lock gate)
{
    private Task<FlushResult>? _pending;

    /// <summary>Flushes; called with the gate held.</summary>
    public ValueTask<FlushResult> FlushAsync(IExchange exchange, CancellationToken cancellationToken)
    {
        if (_pending is { IsCompleted: false } earlier)
        {
            _pending = FlushAfterAsync(earlier, exchange, cancellationToken);
            return new ValueTask<FlushResult>(_pending);
        }

        var flush = Start(exchange, cancellationToken);
        if (flush.IsCompletedSuccessfully)
        {
            return new ValueTask<FlushResult>(Check(flush.Result, exchange));
        }

        _pending = AwaitAsync(flush, exchange);
        return new ValueTask<FlushResult>(_pending);
    }

    public void Reset() => _pending = null;

    private async Task<FlushResult> FlushAfterAsync(Task<FlushResult> earlier, IExchange exchange, CancellationToken cancellationToken)
    {
        _ = await earlier.ConfigureAwait(false);
        ValueTask<FlushResult> flush;
        lock (gate)
        {
            flush = Start(exchange, cancellationToken);
        }

        return await AwaitAsync(flush, exchange).ConfigureAwait(false);
    }

    private static ValueTask<FlushResult> Start(IExchange exchange, CancellationToken cancellationToken)
    {
        try
        {
            return exchange.Output.FlushAsync(cancellationToken);
        }
        catch (Exception e) when (TransportFailure.Is(e))
        {
            return ValueTask.FromException<FlushResult>(e);
        }
    }

    private static async Task<FlushResult> AwaitAsync(ValueTask<FlushResult> flush, IExchange exchange)
    {
        try
        {
            return Check(await flush.ConfigureAwait(false), exchange);
        }
        catch (Exception e) when (TransportFailure.Is(e))
        {
            // To the app that is a peer that takes no more.
            return Check(new FlushResult(isCanceled: false, isCompleted: true), exchange);
        }
        catch (OperationCanceledException)
        {
            // Nobody knows how much of it left: the response cannot go on.
            exchange.Abort(EndReason.WriteCanceled);
            throw;
        }
    }

    private static FlushResult Check(FlushResult result, IExchange exchange)
    {
        if (result.IsCompleted)
        {
            // The app is told by RequestAborted too.
            exchange.OnPeerGone();
        }

        return result;
    }
}
