using System.IO.Pipelines;
using Uwsgi.Protocol.Connections;

namespace Uwsgi.Protocol.Http;

/// <summary>The flushes of a response. What becomes of each is told to the app as Kestrel tells it, and to the exchange.</summary>
internal sealed class ResponseFlush(Lock gate)
{
    private readonly OutputFlush _flush = new(gate);

    /// <inheritdoc cref="OutputFlush.Pending"/>
    public Task Pending => _flush.Pending;

    /// <inheritdoc cref="OutputFlush.IsPending"/>
    public bool IsPending => _flush.IsPending;

    /// <summary>Sends what was written; called with the gate held.</summary>
    public ValueTask<FlushResult> FlushAsync(IExchange exchange, CancellationToken cancellationToken) =>
        Check(_flush.FlushAsync(exchange.Output, cancellationToken), exchange);

    /// <summary>Sends what was written, and the content behind it; called with the gate held.</summary>
    public ValueTask<FlushResult> SendAsync(IExchange exchange, IDirectOutput output, DirectContent content, CancellationToken cancellationToken)
    {
        var flush = _flush.FlushAsync(
            static (flush, cancellationToken) => flush.Output.SendAsync(flush.Content, cancellationToken),
            (Output: output, Content: content),
            cancellationToken);
        return Check(flush, exchange);
    }

    public void Reset() => _flush.Reset();

    private static ValueTask<FlushResult> Check(ValueTask<FlushResult> flush, IExchange exchange) =>
        flush.IsCompletedSuccessfully
            ? new ValueTask<FlushResult>(Check(flush.Result, exchange))
            : AwaitAsync(flush, exchange);

    private static FlushResult Check(FlushResult result, IExchange exchange)
    {
        if (result.IsCompleted)
        {
            // The app is told by RequestAborted too.
            exchange.OnPeerGone();
        }

        return result;
    }

    private static async ValueTask<FlushResult> AwaitAsync(ValueTask<FlushResult> flush, IExchange exchange)
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
}
