using System.IO.Pipelines;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Harakiri;
using Uwsgi.Protocol.Requests;

namespace Uwsgi.Protocol.Http;

// The ends that a response can have.
internal sealed partial class ResponseWriter
{
    private Task? _completion;

    /// <summary>
    /// Completes the response. Where it is not on the wire yet, its length is known now. Who completes it a second time waits for the first.
    /// </summary>
    public Task CompleteAsync(object owner)
    {
        lock (_gate)
        {
            ThrowIfNotOwner(owner);
            if (HasEnded)
            {
                return _completion ?? Task.CompletedTask;
            }

            Start();
            _isHoldingBack = false;
            WriteHead(isWhole: true);
            return Complete();
        }
    }

    /// <summary>Writes the head of an upgrade, and nothing behind it.</summary>
    public async Task UpgradeAsync(object owner)
    {
        await StartAsync(owner).ConfigureAwait(false);
        ValueTask<FlushResult> flush;
        lock (_gate)
        {
            if (HasEnded)
            {
                // Aborted: what it is upgraded to is so too.
                return;
            }

            _isHoldingBack = false;
            WriteHead(isWhole: false);
            HasEnded = true;
            flush = _exchange.Output.FlushAsync();
        }

        _ = await flush.ConfigureAwait(false);
    }

    /// <summary>
    /// Ends the response with bytes that another sends, where they are the rest of the body as far as that is announced: to the app it is complete,
    /// and its request may end.
    /// </summary>
    /// <param name="owner">The request's hold on it.</param>
    /// <param name="rest">How many bytes they are.</param>
    /// <param name="state">What <paramref name="send"/> is given.</param>
    /// <param name="send">Hands them over; it is given the exchange too, and what of the response is still being sent.</param>
    /// <returns>Whether they were handed over.</returns>
    public bool TryEndElsewhere<TState>(object owner, long rest, TState state, Action<IExchange, TState, Task> send)
    {
        lock (_gate)
        {
            ThrowIfNotOwner(owner);
            if (HasEnded || !_length.IsRest(rest))
            {
                return false;
            }

            _isHoldingBack = false;
            WriteHead(isWhole: false);
            _length.Count(rest);
            Delivery = FileDelivery.Offload;
            HasEnded = true;
            OnComplete();
            send(_exchange, state, _flush.Pending);
            return true;
        }
    }

    /// <summary>
    /// Ends the response while the app is still at work: what it writes from here on goes nowhere. It may be writing just now, so what it has in
    /// hand is left to it.
    /// </summary>
    /// <param name="owner">The request's hold on it.</param>
    /// <param name="statusCode">The answer, where nothing has left.</param>
    /// <param name="date">When that is.</param>
    /// <param name="sent">Ends when the answer, or the end of a complete response, has been sent.</param>
    public KillOutcome EndInPlaceOfApp(object owner, int statusCode, DateHeader date, out Task sent)
    {
        lock (_gate)
        {
            ThrowIfNotOwner(owner);
            sent = Task.CompletedTask;
            if (IsComplete && !_flush.IsPending)
            {
                sent = HasEnded ? sent : Complete();
                return KillOutcome.Complete;
            }

            _held.Drop();
            if (IsHeadWritten || HasEnded)
            {
                HasEnded = true;
                return KillOutcome.Cut;
            }

            _head.WriteEmptyTo(_exchange.Output, _exchange.HeadStyle, date, statusCode);
            IsHeadWritten = true;
            _length.Drop();
            sent = Complete();
            return KillOutcome.Answered;
        }
    }

    /// <summary>The rest will never come: what has left must not be taken for all of it.</summary>
    public void Cut(object owner, EndReason reason)
    {
        lock (_gate)
        {
            if (ReferenceEquals(_owner, owner) && IsHeadWritten && !HasEnded)
            {
                _exchange.Abort(reason);
            }
        }
    }

    /// <summary>Nothing more is written; the response stays as incomplete as it is.</summary>
    public void Abort(object? owner)
    {
        lock (_gate)
        {
            if (owner is not null && ReferenceEquals(_owner, owner))
            {
                HasEnded = true;
                _held.Drop();
            }
        }
    }

    /// <summary>Forgets a response that has not left, so that another can take its place.</summary>
    /// <returns>Whether it could be forgotten.</returns>
    public bool TryDiscard()
    {
        lock (_gate)
        {
            if (IsHeadWritten || HasEnded)
            {
                return false;
            }

            _held.Drop();
            _length.Reset();
            _isFlushWanted = false;
            _response.Reset();
            return true;
        }
    }

    /// <summary>Sends the last of it.</summary>
    private Task Complete()
    {
        _exchange.OnResponseEnding();
        var flush = Flush(CancellationToken.None);
        HasEnded = true;
        OnComplete();
        return _completion = flush.IsCompletedSuccessfully ? Task.CompletedTask : flush.AsTask();
    }

    private void OnComplete()
    {
        if (!IsComplete)
        {
            IsComplete = true;
            _response.OnComplete();
        }
    }
}
