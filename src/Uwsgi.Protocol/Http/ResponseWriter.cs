using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Http;

/// <summary>
/// Writes one response: head and body, in that order, with the head on the wire as late as can be. While the app has not yet waited
/// for anything, flushes are held back, so that a short response leaves in one piece, its length known.
/// </summary>
/// <remarks>
/// The object serves many requests, one at a time. Every call names its owner, this request's <see cref="ResponseBody"/>: what an app
/// writes after its request has ended reaches nobody.
/// </remarks>
internal sealed class ResponseWriter(IResponseHead head)
{
    // A response of this size is worth one system call; a larger one streams.
    private const int MaxHeldBack = 64 * 1024;

    // What nginx takes with its default buffer of one page, and the most that any front end takes.
    private const int LargeHead = 4096;
    private const int MaxHead = (64 * 1024) - 1;

    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _head = new(512);
    private object? _owner;
    private IExchange _exchange = null!;
    private byte[]? _held;
    private int _heldLength;
    private long _written;
    private long? _contentLength;
    private bool _isHoldingBack;
    private bool _isFlushWanted;
    private bool _hasBody;
    private bool _isBodyPassedOn;
    private Task<FlushResult>? _pendingFlush;

    /// <summary>Whether the headers are fixed: the app has been told that its response has begun.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>Whether the head has been handed to the connection: it cannot be taken back.</summary>
    public bool IsHeadWritten { get; private set; }

    /// <summary>Whether the response is complete, or never will be.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>The body's bytes so far, as the app counts them.</summary>
    public long BytesWritten => _written;

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
            DropHeld();
            _written = 0;
            _contentLength = null;
            _isHoldingBack = false;
            _isFlushWanted = false;
            _hasBody = false;
            _isBodyPassedOn = false;
            _pendingFlush = null;
            HasStarted = false;
            IsHeadWritten = false;
            HasEnded = false;
        }
    }

    public Memory<byte> GetMemory(object owner, int sizeHint)
    {
        lock (_gate)
        {
            ThrowIfNotOwner(owner);
            if (_isBodyPassedOn && !HasEnded)
            {
                return _exchange.Output.GetMemory(sizeHint);
            }

            Reserve(Math.Max(sizeHint, 1));
            return _held.AsMemory(_heldLength);
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
            if (_isBodyPassedOn)
            {
                _exchange.Output.Advance(bytes);
            }
            else if (!HasStarted || _hasBody)
            {
                _heldLength += bytes;
            }
        }
    }

    public ValueTask<FlushResult> WriteAsync(object owner, ReadOnlyMemory<byte> source, CancellationToken cancellationToken)
    {
        ThrowIfNotOwner(owner);
        return HasStarted || HasEnded
            ? WriteStarted(owner, source, cancellationToken)
            : StartAndWriteAsync(owner, source, cancellationToken);
    }

    /// <summary>Fixes the headers; nothing leaves yet.</summary>
    public async Task StartAsync(object owner)
    {
        ThrowIfNotOwner(owner);
        if (HasStarted || HasEnded)
        {
            return;
        }

        await head.FireOnStartingAsync().ConfigureAwait(false);
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

            _ = FlushOutput(CancellationToken.None).Preserve();
        }
    }

    /// <summary>Writes the head of an upgrade, and nothing behind it.</summary>
    public async Task UpgradeAsync(object owner)
    {
        await StartAsync(owner).ConfigureAwait(false);
        ValueTask<FlushResult> flush;
        lock (_gate)
        {
            _isHoldingBack = false;
            WriteHead(isWhole: false);
            HasEnded = true;
            flush = _exchange.Output.FlushAsync();
        }

        _ = await flush.ConfigureAwait(false);
    }

    /// <summary>Completes the response. Where it is not on the wire yet, its length is known now.</summary>
    public async ValueTask CompleteAsync(object owner)
    {
        ValueTask<FlushResult> flush;
        lock (_gate)
        {
            ThrowIfNotOwner(owner);
            if (HasEnded)
            {
                return;
            }

            Start();
            _isHoldingBack = false;
            WriteHead(isWhole: true);
            flush = FlushOutput(CancellationToken.None);
            HasEnded = true;
        }

        var result = await flush.ConfigureAwait(false);
        if (result.IsCompleted)
        {
            _exchange.OnPeerGone();
        }
    }

    /// <summary>Nothing more is written; the response stays as incomplete as it is.</summary>
    public void Abort()
    {
        lock (_gate)
        {
            HasEnded = true;
            DropHeld();
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

            DropHeld();
            HasStarted = false;
            _written = 0;
            _contentLength = null;
            _isFlushWanted = false;
            head.Reset();
            return true;
        }
    }

    /// <summary>Whether the app wrote less than it announced.</summary>
    public bool IsShort => HasStarted
        ? _hasBody && _contentLength > _written
        : HasBody(head.StatusCode) && head.Headers.ContentLength > _written;

    public ValueTask<FlushResult> FlushAsync(object owner, CancellationToken cancellationToken)
    {
        ThrowIfNotOwner(owner);
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

            if (_isHoldingBack && _heldLength + source.Length > MaxHeldBack)
            {
                _isHoldingBack = false;
            }

            if (_isHoldingBack)
            {
                Reserve(source.Length);
                source.CopyTo(_held.AsMemory(_heldLength));
                _heldLength += source.Length;
            }
            else
            {
                WriteHead(isWhole: false);
                _exchange.Output.Write(source.Span);
            }

            return FlushLocked(cancellationToken);
        }
    }

    // As Kestrel does: writes after the end go nowhere and do not fail, and who looks at the result stops.
    private static ValueTask<FlushResult> Ended => new(new FlushResult(isCanceled: false, isCompleted: true));

    private static bool HasNoBody(int statusCode) =>
        statusCode is (>= 100 and < 200) or StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified;

    private bool HasBody(int statusCode) => !head.IsHead && !HasNoBody(statusCode);

    private void Start()
    {
        if (HasStarted)
        {
            return;
        }

        HasStarted = true;
        _hasBody = HasBody(head.StatusCode);
        _contentLength = head.Headers.ContentLength;
        head.Headers.SetReadOnly();
        if (!_hasBody)
        {
            _heldLength = 0;
        }
    }

    private void Count(int bytes)
    {
        if (HasNoBody(head.StatusCode))
        {
            throw new InvalidOperationException($"Writing to the response body is invalid for responses with status code {head.StatusCode}.");
        }

        _written += bytes;
        var announced = HasStarted ? _contentLength : head.Headers.ContentLength;
        if (announced < _written && !head.IsHead)
        {
            _written -= bytes;
            throw new InvalidOperationException($"Response Content-Length mismatch: too many bytes written ({_written + bytes} of {announced}).");
        }
    }

    private ValueTask<FlushResult> FlushLocked(CancellationToken cancellationToken)
    {
        if (HasEnded)
        {
            return Ended;
        }

        if (_isHoldingBack && _heldLength <= MaxHeldBack)
        {
            _isFlushWanted = true;
            return default;
        }

        _isHoldingBack = false;
        WriteHead(isWhole: false);
        return FlushOutput(cancellationToken);
    }

    /// <summary>Hands the head over, and what of the body was held back behind it.</summary>
    private void WriteHead(bool isWhole)
    {
        if (!IsHeadWritten)
        {
            SerializeHead(isWhole);
            IsHeadWritten = true;
            _isBodyPassedOn = _hasBody;
        }

        if (_heldLength > 0)
        {
            _exchange.Output.Write(_held.AsSpan(0, _heldLength));
        }

        DropHeld();
    }

    private void SerializeHead(bool isWhole)
    {
        // On the side first: a head that is too large has then not begun to leave.
        _head.ResetWrittenCount();
        var statusCode = head.StatusCode;
        var isUpgrade = statusCode == StatusCodes.Status101SwitchingProtocols;
        var writer = new ResponseHeadWriter(_head, _exchange.HeadStyle, statusCode, ReasonPhrase(statusCode));
        foreach (var (name, values) in head.Headers)
        {
            if ((isUpgrade || !HopByHop.Contains(name)) && !IsLengthOfNoBody(name, statusCode))
            {
                foreach (var value in values)
                {
                    writer.WriteHeader(name, value ?? "", head.Headers.EncodingOf(name));
                }
            }
        }

        if (statusCode == StatusCodes.Status205ResetContent)
        {
            writer.WriteNumber("Content-Length: "u8, 0);
        }
        else if (isWhole && _hasBody && _contentLength is null)
        {
            writer.WriteNumber("Content-Length: "u8, _written);
        }

        head.WriteImplicitHeaders(ref writer);
        writer.Complete();
        CheckSize(_head.WrittenCount);
        _exchange.Output.Write(_head.WrittenSpan);
    }

    private string ReasonPhrase(int statusCode)
    {
        var phrase = head.ReasonPhrase ?? ReasonPhrases.GetReasonPhrase(statusCode);
        return phrase.Length > 0 ? phrase : "Unknown";
    }

    // RFC 9110, section 8.6: none on 1xx and 204; 205 gets its own.
    private static bool IsLengthOfNoBody(string name, int statusCode) =>
        statusCode is < 200 or StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent
        && name.Equals(HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase);

    private void CheckSize(int size)
    {
        if (size > MaxHead)
        {
            throw new InvalidOperationException(
                $"The response's head has {size} bytes; no front end takes more than {MaxHead}.");
        }

        if (size > LargeHead)
        {
            head.OnLargeHead(size);
        }
    }

    private ValueTask<FlushResult> FlushOutput(CancellationToken cancellationToken)
    {
        if (_pendingFlush is { IsCompleted: false } earlier)
        {
            _pendingFlush = FlushAfterAsync(earlier, _exchange, cancellationToken);
            return new ValueTask<FlushResult>(_pendingFlush);
        }

        var flush = _exchange.Output.FlushAsync(cancellationToken);
        if (flush.IsCompletedSuccessfully)
        {
            return new ValueTask<FlushResult>(Check(flush.Result, _exchange));
        }

        _pendingFlush = AwaitAsync(flush, _exchange);
        return new ValueTask<FlushResult>(_pendingFlush);
    }

    private async Task<FlushResult> FlushAfterAsync(Task<FlushResult> earlier, IExchange exchange, CancellationToken cancellationToken)
    {
        _ = await earlier.ConfigureAwait(false);
        ValueTask<FlushResult> flush;
        lock (_gate)
        {
            flush = exchange.Output.FlushAsync(cancellationToken);
        }

        return await AwaitAsync(flush, exchange).ConfigureAwait(false);
    }

    private static async Task<FlushResult> AwaitAsync(ValueTask<FlushResult> flush, IExchange exchange)
    {
        try
        {
            return Check(await flush.ConfigureAwait(false), exchange);
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

    private void Reserve(int length)
    {
        if (_held is null)
        {
            _held = ArrayPool<byte>.Shared.Rent(Math.Max(length, 4096));
        }
        else if (_held.Length - _heldLength < length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_heldLength + length, _held.Length * 2));
            _held.AsSpan(0, _heldLength).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_held);
            _held = larger;
        }
    }

    private void DropHeld()
    {
        if (_held is not null)
        {
            ArrayPool<byte>.Shared.Return(_held);
            _held = null;
        }

        _heldLength = 0;
    }

    private void ThrowIfNotOwner(object owner) =>
        ObjectDisposedException.ThrowIf(!ReferenceEquals(_owner, owner), "The response of a request that has ended");
}
