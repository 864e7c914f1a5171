using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Wire;
using BadHttpRequestException = Microsoft.AspNetCore.Http.BadHttpRequestException;

namespace Uwsgi.Protocol.Http;

/// <summary>
/// The body of one request, exactly as many bytes as were announced: fewer are an error, more are not the body's.
/// The limits are those of Kestrel.
/// </summary>
internal abstract class RequestBody : PipeReader, IDeadlineWatcher
{
    private readonly LinkedListNode<IDeadlineWatcher> _watch;
    private readonly Deadlines _deadlines;
    private readonly AppReads _reads;
    private long _readStarted;
    private long _readTime;
    private long _received;
    private int _lastBuffered;
    private BadHttpRequestException? _failure;
    private volatile bool _isTooSlow;
    private volatile bool _isCancelWanted;

    protected RequestBody(PipeReader input, Deadlines deadlines)
    {
        Input = input;
        _deadlines = deadlines;
        _reads = new AppReads(input);
        _watch = new LinkedListNode<IDeadlineWatcher>(this);
    }

    /// <summary>Whether the app has begun to read: the limits are fixed from then on.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>Whether the app has tried to read what the front end did not send, or not as it should.</summary>
    public bool HasFailed => _failure is not null;

    /// <summary>The most bytes to accept, null for any number.</summary>
    public long? MaxSize { get; set; }

    /// <summary>How slowly the body may come, null for as slowly as it likes.</summary>
    public MinDataRate? MinDataRate { get; set; }

    /// <summary>Whether all of it has been taken off the connection.</summary>
    public abstract bool IsDrained { get; }

    protected PipeReader Input { get; }

    public sealed override bool TryRead(out ReadResult result)
    {
        BeginRead();
        result = default;
        try
        {
            if (!HasAll && (!TryReadInput(out var read) || !TryTake(read, out result)))
            {
                return false;
            }
        }
        catch (Exception e) when (IsPeersFault(e))
        {
            throw _failure = AsBadRequest(e);
        }
        catch (BadHttpRequestException e)
        {
            _failure = e;
            throw;
        }

        result = HasAll && result.Buffer.IsEmpty ? TakeRest() : result;
        return true;
    }

    public sealed override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        BeginRead();
        return HasAll ? new ValueTask<ReadResult>(TakeRest()) : ReadMoreAsync(cancellationToken);
    }

    public sealed override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public sealed override void CancelPendingRead()
    {
        if (_reads.IsStopped)
        {
            // The connection's reads are the server's now.
            return;
        }

        _isCancelWanted = true;
        Input.CancelPendingRead();
    }

    public sealed override void Complete(Exception? exception = null)
    {
        // The connection goes on without the app: what is left of the body is drained.
        _reads.Stop();
    }

    /// <inheritdoc cref="AppReads.StopAsync"/>
    public Task StopAsync() => _reads.StopAsync();

    /// <summary>Takes what is left of the body off the connection as far as it has come, without waiting.</summary>
    /// <returns>Whether that was all of it, or all that can be told to be its.</returns>
    public abstract bool TryDrain();

    void IDeadlineWatcher.OnTick(long now)
    {
        var rate = MinDataRate;
        var started = Volatile.Read(ref _readStarted);
        if (rate is null || started == 0 || _isTooSlow)
        {
            return;
        }

        var elapsed = TimeSpan.FromTicks(_readTime + now - started);
        if (elapsed > rate.GracePeriod && _received < rate.BytesPerSecond * elapsed.TotalSeconds)
        {
            _isTooSlow = true;
            Input.CancelPendingRead();
        }
    }

    /// <summary>Whether the rest of the body is in hand and no more is asked of the connection.</summary>
    protected abstract bool HasAll { get; }

    /// <summary>The rest of the body, when <see cref="HasAll"/>.</summary>
    protected abstract ReadResult TakeRest();

    /// <summary>Makes the app's result from the connection's; false when it holds nothing for the app.</summary>
    protected abstract bool TryTake(in ReadResult read, out ReadResult result);

    /// <summary>The announced length is known to be more than may be.</summary>
    protected abstract void ThrowIfTooLarge();

    /// <summary>Counts bytes of the connection for the data rate: those that were there at the last read are not new.</summary>
    protected void OnReceived(long buffered)
    {
        _received += Math.Max(0, buffered - _lastBuffered);
        _lastBuffered = (int)buffered;
    }

    protected void OnConsumed(long consumed) => _lastBuffered -= (int)Math.Min(_lastBuffered, consumed);

    protected static void ThrowTooLarge(long? max) =>
        throw new BadHttpRequestException(
            $"Request body too large. The max request body size is {max} bytes.", StatusCodes.Status413PayloadTooLarge);

    protected static void ThrowUnexpectedEnd() =>
        throw new BadHttpRequestException("Unexpected end of request content.", StatusCodes.Status400BadRequest);

    private void BeginRead()
    {
        _reads.ThrowIfStopped();
        if (_failure is not null)
        {
            // There is no way back into a body that has failed, and nothing to wait for.
            throw new BadHttpRequestException(_failure.Message, _failure.StatusCode, _failure);
        }

        if (!HasStarted)
        {
            // A body that is too large is so at every read.
            ThrowIfTooLarge();
            HasStarted = true;
        }
    }

    private bool TryReadInput(out ReadResult read)
    {
        while (Input.TryRead(out read))
        {
            if (!IsLeftOver(read))
            {
                return true;
            }

            Input.AdvanceTo(read.Buffer.Start);
        }

        return false;
    }

    /// <summary>Whether a read was cancelled for the wait for the head: by a timeout or a stop that came in the same moment.</summary>
    private bool IsLeftOver(in ReadResult read)
    {
        if (!read.IsCanceled)
        {
            return false;
        }

        var isLeftOver = !_isCancelWanted;
        _isCancelWanted = false;
        return isLeftOver;
    }

    private async ValueTask<ReadResult> ReadMoreAsync(CancellationToken cancellationToken)
    {
        _reads.Begin();
        var isWatched = false;
        try
        {
            while (true)
            {
                var pending = Input.ReadAsync(cancellationToken);
                if (!pending.IsCompleted && !isWatched && MinDataRate is not null)
                {
                    isWatched = true;
                    Volatile.Write(ref _readStarted, Math.Max(1, _deadlines.Now));
                    _deadlines.Add(_watch);
                }

                var read = await pending.ConfigureAwait(false);
                if (_reads.IsStopped)
                {
                    Input.AdvanceTo(read.Buffer.Start);
                    _reads.ThrowIfStopped();
                }

                if (_isTooSlow)
                {
                    Input.AdvanceTo(read.Buffer.Start);
                    throw new BadHttpRequestException(
                        "Reading the request body timed out due to data arriving too slowly. See MinRequestBodyDataRate.",
                        StatusCodes.Status408RequestTimeout);
                }

                if (IsLeftOver(read))
                {
                    Input.AdvanceTo(read.Buffer.Start);
                    continue;
                }

                if (TryTake(read, out var result))
                {
                    return result;
                }
            }
        }
        catch (Exception e) when (IsPeersFault(e))
        {
            throw _failure = AsBadRequest(e);
        }
        catch (BadHttpRequestException e)
        {
            _failure = e;
            throw;
        }
        finally
        {
            _reads.End();
            if (isWatched)
            {
                _deadlines.Remove(_watch);
                _readTime += _deadlines.Now - _readStarted;
                Volatile.Write(ref _readStarted, 0);
            }
        }
    }

    private static bool IsPeersFault(Exception exception) =>
        exception is WireFormatException || (TransportFailure.Is(exception) && exception is not ConnectionAbortedException);

    private static BadHttpRequestException AsBadRequest(Exception exception) => new(
        exception is WireFormatException
            ? "Bad chunked request content."
            : "Unexpected end of request content: the connection was reset.",
        StatusCodes.Status400BadRequest,
        exception);
}
