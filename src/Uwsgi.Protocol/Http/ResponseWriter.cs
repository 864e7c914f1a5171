using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Connections;
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
internal sealed partial class ResponseWriter
{
    // A response of this size is worth one system call; a larger one streams.
    private const int MaxHeldBack = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly ResponseHeadBuffer _head;
    private readonly ResponseFlush _flush;
    private readonly ResponseLength _length;
    private readonly IResponseHead _response;
    private object? _owner;
    private IExchange _exchange = null!;
    private HeldBytes _held;
    private bool _isHoldingBack;
    private bool _isFlushWanted;
    private bool _isBodyPassedOn;

    public ResponseWriter(IResponseHead response)
    {
        _response = response;
        _head = new ResponseHeadBuffer(response);
        _flush = new ResponseFlush(_gate);
        _length = new ResponseLength(response);
    }

    /// <summary>Whether the headers are fixed: the app has been told that its response has begun.</summary>
    // Between two requests there is nothing that could be begun.
    public bool HasStarted => _owner is null || _length.IsFixed;

    /// <summary>Whether the head has been handed to the connection: it cannot be taken back.</summary>
    public bool IsHeadWritten { get; private set; }

    /// <summary>Whether the response is complete, or never will be.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether the front end has been given all there is to the response: a failure after that is no failure of it.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>The body's bytes so far, as the app counts them.</summary>
    public long BytesWritten => _length.Written;

    /// <summary>Whether the app wrote less than it announced.</summary>
    public bool IsShort => _length.IsShort;

    /// <summary>The bytes of the body that have been handed to the connection.</summary>
    public long BodySize => IsHeadWritten && _length.HasBody ? _length.Written : 0;

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
            _length.Reset();
            _isHoldingBack = false;
            _isFlushWanted = false;
            _isBodyPassedOn = false;
            _flush.Reset();
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

            _length.Count(bytes);
            if (_isBodyPassedOn && _held.IsLent)
            {
                // The head went out between GetMemory and this: what was written stands beside it.
                _exchange.Output.Write(_held.TakeLent(bytes));
            }
            else if (_isBodyPassedOn)
            {
                _exchange.Output.Advance(bytes);
            }
            else if (!HasStarted || _length.HasBody)
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

    /// <summary>Sends from where it is what the app has written; it has started, and the exchange has a <see cref="IExchange.DirectOutput"/>.</summary>
    public ValueTask<FlushResult> SendAsync(object owner, DirectContent content, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ThrowIfNotOwner(owner);
            cancellationToken.ThrowIfCancellationRequested();
            if (HasEnded)
            {
                return Ended;
            }

            _length.Count(content.Length);
            Delivery = content.File is null ? Delivery : FileDelivery.Sendfile;
            _isHoldingBack = false;
            WriteHead(isWhole: false);
            return Send(_exchange.DirectOutput!, content, cancellationToken);
        }
    }

    /// <summary>Counts bytes that do not leave, and need not be read: the answer to HEAD has none. It has started.</summary>
    /// <returns>Whether they are such; others are not counted yet.</returns>
    /// <exception cref="InvalidOperationException">They are too many, and none of them is to leave.</exception>
    public bool TryCountUnsent(object owner, long bytes)
    {
        lock (_gate)
        {
            ThrowIfNotOwner(owner);
            if (HasEnded)
            {
                return true;
            }

            _length.ThrowIfTooMany(bytes);
            if (_length.HasBody)
            {
                return false;
            }

            _length.Count(bytes);
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

            _length.Count(source.Length);
            if (!_length.HasBody)
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
                if (source.Length >= DirectContent.MinSize && _exchange.DirectOutput is { } direct && !_flush.IsPending)
                {
                    return Send(direct, new DirectContent(source), cancellationToken);
                }

                _exchange.Output.Write(source.Span);
            }

            return FlushLocked(cancellationToken);
        }
    }

    // As Kestrel does: writes after the end go nowhere and do not fail, and who looks at the result stops.
    private static ValueTask<FlushResult> Ended => new(new FlushResult(isCanceled: false, isCompleted: true));

    private void Start()
    {
        if (HasStarted)
        {
            return;
        }

        _length.Fix();
        _response.Headers.SetReadOnly();
        if (!_length.HasBody)
        {
            _held.Clear();
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
        return _flush.FlushAsync(_exchange, cancellationToken);
    }

    private ValueTask<FlushResult> Send(IDirectOutput output, DirectContent content, CancellationToken cancellationToken)
    {
        CheckComplete();
        return _flush.SendAsync(_exchange, output, content, cancellationToken);
    }

    private void CheckComplete()
    {
        if (_length.IsReached)
        {
            OnComplete();
        }
    }

    /// <summary>Hands the head over, and what of the body was held back behind it.</summary>
    private void WriteHead(bool isWhole)
    {
        if (!IsHeadWritten)
        {
            _head.WriteTo(_exchange.Output, _exchange.HeadStyle, isWhole ? _length.Unannounced : null);
            IsHeadWritten = true;
            _isBodyPassedOn = _length.HasBody;
        }

        if (_held.Length > 0)
        {
            _exchange.Output.Write(_held.Written);
        }

        _held.Drop();
    }

    private void ThrowIfNotOwner(object? owner)
    {
        if (owner is null || !ReferenceEquals(_owner, owner))
        {
            ThrowEnded();
        }
    }

    private static void ThrowEnded() => throw new ObjectDisposedException(nameof(HttpResponse), "The request has ended.");
}
