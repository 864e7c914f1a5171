using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Harakiri;
using Uwsgi.Protocol.Offload;
using Uwsgi.Protocol.Requests;

namespace Uwsgi.Protocol.Http;

/// <summary>
/// Writes one response: head and body, in that order, with the head on the wire as late as can be. While the app has not yet waited
/// for anything, flushes are held back, so that a short response leaves in one piece, its length known.
/// </summary>
/// <remarks>
/// The object serves many requests, one at a time. Every call names its owner, this request's <see cref="ResponseBody"/>: what an app
/// writes after its request has ended reaches nobody.
/// </remarks>
internal sealed class ResponseWriter
{
    // A response of this size is worth one system call; a larger one streams.
    private const int MaxHeldBack = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly ResponseHeadBuffer _head;
    private readonly OutputFlush _output;
    private readonly IResponseHead _response;
    private object? _owner;
    private IExchange _exchange = null!;
    private HeldBytes _held;
    private long _written;
    private long? _contentLength;
    private bool _isHoldingBack;
    private bool _isFlushWanted;
    private bool _hasBody;
    private bool _isBodyPassedOn;
    private Task? _completion;

    public ResponseWriter(IResponseHead response)
    {
        _response = response;
        _head = new ResponseHeadBuffer(response);
        _output = new OutputFlush(_gate);
    }

    /// <summary>Whether the headers are fixed: the app has been told that its response has begun.</summary>
    public bool HasStarted
    {
        // Between two requests there is nothing that could be begun.
        get => field || _owner is null;
        private set;
    }

    /// <summary>Whether the head has been handed to the connection: it cannot be taken back.</summary>
    public bool IsHeadWritten { get; private set; }

    /// <summary>Whether the response is complete, or never will be.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether the front end has been given all there is to the response: a failure after that is no failure of it.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The body's bytes so far, as the app counts them.</summary>
    public long BytesWritten => _written;

    /// <summary>The bytes of the body that have been handed to the connection.</summary>
    public long BodySize => IsHeadWritten && _hasBody ? _written : 0;

    /// <summary>How a file of the body went, where it had one.</summary>
    public FileDelivery Delivery { get; private set; }

    /// <summary>The head as it was handed to the connection; empty where it has not been.</summary>
    public ReadOnlySpan<byte> Head => IsHeadWritten ? _head.Written : default;

    /// <summary>The bytes that were advanced over and not flushed; JSON's writers look at it.</summary>
    public long GetUnflushedBytes(object owner)
    {
        lock (_gate)
        {
            ThrowIfNotOwner(owner);
            return _isBodyPassedOn && !HasEnded && _exchange.Output.CanGetUnflushedBytes
                ? _exchange.Output.UnflushedBytes
                : _held.Length;
        }
    }

    /// <summary>Gives the writer to a request.</summary>
    public void Begin(object owner, IExchange exchange)
    {
        lock (_gate)
        {
            _owner = owner;
            _exchange = exchange;
            _isHoldingBack = true;
        }
    }

    /// <summary>Takes the writer from its request.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _owner = null;
            _exchange = null!;
            _held.Drop();
            _held = default;
            _written = 0;
            _contentLength = null;
            _isHoldingBack = false;
            _isFlushWanted = false;
            _hasBody = false;
            _isBodyPassedOn = false;
            _output.Reset();
            HasStarted = false;
            IsHeadWritten = false;
            HasEnded = false;
            IsComplete = false;
            Delivery = FileDelivery.None;
            _completion = null;
        }
    }

    public Memory<byte> GetMemory(object owner, int sizeHint)
    {
        lock (_gate)
        {
            ThrowIfNotOwner(owner);
            if (_isBodyPassedOn && !HasEnded)
            {
                // Room given out before counts no more.
                _ = _held.TakeLent(0);
                return _exchange.Output.GetMemory(sizeHint);
            }

            return _held.Lend(sizeHint);
        }
    }

    public void Advance(object owner, int bytes)
    {
        lock (_gate)
        {
            ThrowIfNotOwner(owner);
            ArgumentOutOfRangeException.ThrowIfNegative(bytes);
            if (HasEnded || bytes == 0)
            {
                return;
            }

            Count(bytes);
            if (_isBodyPassedOn && _held.IsLent)
            {
                // The head went out between GetMemory and this: what was written stands beside it.
                _exchange.Output.Write(_held.TakeLent(bytes));
            }
            else if (_isBodyPassedOn)
            {
                _exchange.Output.Advance(bytes);
            }
            else if (!HasStarted || _hasBody)
            {
                _held.Advance(bytes);
            }
        }
    }

    public ValueTask<FlushResult> WriteAsync(object owner, ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        ThrowIfNotOwner(owner);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        }

        return HasStarted || HasEnded
            ? WriteStarted(owner, source, cancellationToken)
            : StartAndWriteAsync(owner, source, cancellationToken);
    }

    /// <summary>Sends a file, from where it is. Only where the exchange has a <see cref="IExchange.DirectOutput"/>.</summary>
    /// <exception cref="EndOfStreamException">It has become shorter: the response is aborted.</exception>
    public async Task SendFileAsync(object owner, FileBody file, CancellationToken cancellationToken)
    {
        await StartAsync(owner).ConfigureAwait(false);
        var hasMore = true;
        for (var isFirst = true; hasMore; isFirst = false)
        {
            ValueTask<FlushResult> sending;
            lock (_gate)
            {
                ThrowIfNotOwner(owner);
                cancellationToken.ThrowIfCancellationRequested();
                if (HasEnded)
                {
                    return;
                }

                if (isFirst)
                {
                    // All of it or nothing.
                    ThrowIfTooMany(file.Left);
                }

                sending = SendPiece(file, out hasMore, cancellationToken);
            }

            _ = await sending.ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Hands over a file that is the rest of the body, as far as that is announced: to the app the response is complete, and its request may end.
    /// </summary>
    /// <returns>Whether it was taken; its owner is then who sends it.</returns>
    public bool TryOffload(object owner, FileBody file, OffloadRuntime offload)
    {
        lock (_gate)
        {
            ThrowIfNotOwner(owner);
            if (HasEnded || !_hasBody || _contentLength != _written + file.Left)
            {
                return false;
            }

            _isHoldingBack = false;
            WriteHead(isWhole: false);
            _written += file.Left;
            Delivery = FileDelivery.Offload;
            HasEnded = true;
            OnComplete();
            _exchange.Offload(file, offload, _output.Pending);
            return true;
        }
    }

    /// <summary>Fixes the headers; nothing leaves yet.</summary>
    public async Task StartAsync(object owner)
    {
        ThrowIfNotOwner(owner);
        if (HasStarted || HasEnded)
        {
            return;
        }

        await _response.FireOnStartingAsync().ConfigureAwait(false);
        lock (_gate)
        {
            ThrowIfNotOwner(owner);
            Start();
        }
    }

    /// <summary>The app waits for something: what it wanted flushed goes out now.</summary>
    public void StopHoldingBack()
    {
        lock (_gate)
        {
            _isHoldingBack = false;
            if (!_isFlushWanted || HasEnded)
            {
                return;
            }

            try
            {
                WriteHead(isWhole: false);
            }
            catch (Exception e) when (e is InvalidOperationException or ArgumentException)
            {
                // A head that cannot be written: the app is still at work, and learns of it at its next flush or its end.
                return;
            }

            _ = Flush(CancellationToken.None).Preserve();
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
            if (IsComplete && !_output.IsPending)
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
            _hasBody = false;
            _written = 0;
            sent = Complete();
            return KillOutcome.Answered;
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
            HasStarted = false;
            _written = 0;
            _contentLength = null;
            _isFlushWanted = false;
            _response.Reset();
            return true;
        }
    }

    /// <summary>Whether the app wrote less than it announced.</summary>
    public bool IsShort => HasStarted
        ? _hasBody && _contentLength > _written
        : HasBody(_response.StatusCode) && _response.Headers.ContentLength > _written;

    public ValueTask<FlushResult> FlushAsync(object owner, CancellationToken cancellationToken)
    {
        ThrowIfNotOwner(owner);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        }

        if (!HasStarted && !HasEnded)
        {
            return StartAndFlushAsync(owner, cancellationToken);
        }

        lock (_gate)
        {
            ThrowIfNotOwner(owner);
            return FlushLocked(cancellationToken);
        }
    }

    private async ValueTask<FlushResult> StartAndFlushAsync(object owner, CancellationToken cancellationToken)
    {
        await StartAsync(owner).ConfigureAwait(false);
        return await FlushAsync(owner, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<FlushResult> StartAndWriteAsync(object owner, ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        await StartAsync(owner).ConfigureAwait(false);
        return await WriteStarted(owner, source, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<FlushResult> WriteStarted(object owner, ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ThrowIfNotOwner(owner);
            if (HasEnded)
            {
                return Ended;
            }

            Count(source.Length);
            if (!_hasBody)
            {
                return FlushLocked(cancellationToken);
            }

            if (_isHoldingBack && _held.Length + source.Length > MaxHeldBack)
            {
                _isHoldingBack = false;
            }

            if (_isHoldingBack)
            {
                _held.Write(source.Span);
            }
            else
            {
                WriteHead(isWhole: false);
                if (source.Length >= DirectContent.MinSize && _exchange.DirectOutput is { } direct && !_output.IsPending)
                {
                    return Flush(direct, new DirectContent(source), cancellationToken);
                }

                _exchange.Output.Write(source.Span);
            }

            return FlushLocked(cancellationToken);
        }
    }

    private ValueTask<FlushResult> SendPiece(FileBody file, out bool hasMore, CancellationToken cancellationToken)
    {
        hasMore = false;
        if (!_hasBody)
        {
            Count(file.Left);
            return FlushLocked(cancellationToken);
        }

        DirectContent piece;
        try
        {
            piece = file.Take();
        }
        catch (EndOfStreamException)
        {
            // Whatever the app makes of it: nobody takes what has left for all of it.
            if (IsHeadWritten)
            {
                _exchange.Abort(EndReason.ResponseTooShort);
            }

            throw;
        }

        Count(piece.Length);
        Delivery = FileDelivery.Sendfile;
        hasMore = file.Left > 0;
        _isHoldingBack = false;
        WriteHead(isWhole: false);
        return Flush(_exchange.DirectOutput!, piece, cancellationToken);
    }

    // As Kestrel does: writes after the end go nowhere and do not fail, and who looks at the result stops.
    private static ValueTask<FlushResult> Ended => new(new FlushResult(isCanceled: false, isCompleted: true));

    private static bool HasNoBody(int statusCode) =>
        statusCode is (>= 100 and < 200) or StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified;

    private bool HasBody(int statusCode) => !_response.IsHead && !HasNoBody(statusCode);

    private void Start()
    {
        if (HasStarted)
        {
            return;
        }

        HasStarted = true;
        _hasBody = HasBody(_response.StatusCode);
        _contentLength = _response.Headers.ContentLength;
        _response.Headers.SetReadOnly();
        if (!_hasBody)
        {
            _held.Clear();
        }
    }

    private void Count(long bytes)
    {
        ThrowIfTooMany(bytes);
        _written += bytes;
    }

    private void ThrowIfTooMany(long bytes)
    {
        if (HasNoBody(_response.StatusCode))
        {
            throw new InvalidOperationException($"Writing to the response body is invalid for responses with status code {_response.StatusCode}.");
        }

        var announced = HasStarted ? _contentLength : _response.Headers.ContentLength;
        if (announced < _written + bytes && !_response.IsHead)
        {
            throw new InvalidOperationException($"Response Content-Length mismatch: too many bytes written ({_written + bytes} of {announced}).");
        }
    }

    private ValueTask<FlushResult> FlushLocked(CancellationToken cancellationToken)
    {
        if (HasEnded)
        {
            return Ended;
        }

        if (_isHoldingBack && _held.Length <= MaxHeldBack)
        {
            _isFlushWanted = true;
            return default;
        }

        _isHoldingBack = false;
        WriteHead(isWhole: false);
        return Flush(cancellationToken);
    }

    private ValueTask<FlushResult> Flush(CancellationToken cancellationToken)
    {
        CheckComplete();
        return Check(_output.FlushAsync(_exchange.Output, cancellationToken));
    }

    private ValueTask<FlushResult> Flush(IDirectOutput output, DirectContent content, CancellationToken cancellationToken)
    {
        CheckComplete();
        return Check(_output.FlushAsync(
            static (flush, cancellationToken) => flush.Output.SendAsync(flush.Content, cancellationToken),
            (Output: output, Content: content),
            cancellationToken));
    }

    private ValueTask<FlushResult> Check(ValueTask<FlushResult> flush) =>
        flush.IsCompletedSuccessfully
            ? new ValueTask<FlushResult>(Check(flush.Result, _exchange))
            : AwaitAsync(flush, _exchange);

    private void CheckComplete()
    {
        if (_hasBody && _contentLength == _written)
        {
            OnComplete();
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

    /// <summary>Hands the head over, and what of the body was held back behind it.</summary>
    private void WriteHead(bool isWhole)
    {
        if (!IsHeadWritten)
        {
            var knownLength = isWhole && _hasBody && _contentLength is null ? _written : (long?)null;
            _head.WriteTo(_exchange.Output, _exchange.HeadStyle, knownLength);
            IsHeadWritten = true;
            _isBodyPassedOn = _hasBody;
        }

        if (_held.Length > 0)
        {
            _exchange.Output.Write(_held.Written);
        }

        _held.Drop();
    }

    private void ThrowIfNotOwner(object? owner) =>
        ObjectDisposedException.ThrowIf(owner is null || !ReferenceEquals(_owner, owner), "The response of a request that has ended");
}
