using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>Waits for the head of a request: one uwsgi packet.</summary>
internal sealed class UwsgiHeadReader : IDeadlineWatcher
{
    private readonly ConnectionContext _connection;
    private readonly GatewayApplication _application;
    private readonly PipeReader _input;
    private readonly Deadlines _deadlines;
    private LinkedListNode<IDeadlineWatcher>? _watch;
    private CancellationTokenRegistration _stopping;
    private long _deadline;
    private volatile bool _hasBegun;
    private volatile bool _isLate;

    public UwsgiHeadReader(ConnectionContext connection, GatewayApplication application)
    {
        _connection = connection;
        _application = application;
        _input = connection.Transport.Input;
        _deadlines = application.Runtime.Deadlines;
    }

    private UwsgiProtocolLimits Limits => _application.Runtime.Limits;

    /// <summary>Reads the head.</summary>
    /// <exception cref="WireFormatException">It is malformed, or too large.</exception>
    public async ValueTask<UwsgiHead> ReadAsync()
    {
        try
        {
            while (true)
            {
                var pending = _input.ReadAsync();
                if (!pending.IsCompleted)
                {
                    Watch();
                }

                var result = await pending.ConfigureAwait(false);
                if (TryTake(result, out var head))
                {
                    return head;
                }
            }
        }
        finally
        {
            Unwatch();
        }
    }

    void IDeadlineWatcher.OnTick(long now)
    {
        if (now >= Volatile.Read(ref _deadline))
        {
            _isLate = true;
            _input.CancelPendingRead();
        }
    }

    private bool TryTake(in ReadResult result, out UwsgiHead head)
    {
        var buffer = result.Buffer;
        var examined = buffer.End;
        try
        {
            if (!buffer.IsEmpty && !_hasBegun)
            {
                _hasBegun = true;
                SetDeadline(Limits.RequestHeadTimeout);
            }

            if (UwsgiPacketHeader.TryParse(buffer, out var header))
            {
                ThrowIfForeign(header, buffer);
            }

            if (UwsgiPacketReader.TryRead(ref buffer, Limits.MaxRequestVariablesSize, out header, out var data))
            {
                // What comes behind is the body's: not looked at yet.
                examined = buffer.Start;
                head = header.Modifier1 == UwsgiModifier1.Ping ? new UwsgiHead(EndReason.Ping) : Load(header, data);
                return true;
            }

            if (result.IsCompleted)
            {
                head = buffer.IsEmpty
                    ? new UwsgiHead(EndReason.ClosedBeforeRequest)
                    : throw new WireFormatException(WireError.UnexpectedEnd);
                return true;
            }

            head = new UwsgiHead(!_isLate ? EndReason.Stopping : _hasBegun ? EndReason.RequestHeadTimeout : EndReason.IdleTimeout);
            return result.IsCanceled;
        }
        finally
        {
            _input.AdvanceTo(buffer.Start, examined);
        }
    }

    private UwsgiHead Load(UwsgiPacketHeader header, in ReadOnlySequence<byte> data)
    {
        if (data.IsEmpty)
        {
            throw new WireFormatException(WireError.EmptyPacket);
        }

        var request = _application.Rent();
        try
        {
            request.Variables.LoadUwsgi(data, Limits.MaxRequestVariableCount);
            return new UwsgiHead(EndReason.Completed, header, request);
        }
        catch
        {
            _application.Return(request);
            throw;
        }
    }

    /// <summary>Told apart by four bytes, because that is what a wrong directive in the front end's configuration sends.</summary>
    private static void ThrowIfForeign(UwsgiPacketHeader header, in ReadOnlySequence<byte> buffer)
    {
        if (UwsgiModifier1.IsRequest(header.Modifier1) || header.Modifier1 == UwsgiModifier1.Ping)
        {
            return;
        }

        Span<byte> start = stackalloc byte[UwsgiPacketHeader.Size];
        buffer.Slice(0, start.Length).CopyTo(start);
        throw start switch
        {
            _ when IsMethod(start) => new WireFormatException(
                WireError.HttpRequest, "An HTTP request came to a port that speaks uwsgi (nginx: uwsgi_pass, not proxy_pass)."),
            [0x16, 0x03, _, _] => new WireFormatException(
                WireError.TlsHandshake, "A TLS handshake came to a port that speaks uwsgi."),
            _ => new WireFormatException(
                WireError.UnsupportedModifier, $"modifier1 {header.Modifier1} is not available."),
        };
    }

    // "GET ", "POST", "PUT ", "HEAD", "DELE", "PATC", "OPTI", "PROP" and the rest: upper case, and a blank at most at the end.
    private static bool IsMethod(ReadOnlySpan<byte> start) =>
        start[..3].IndexOfAnyExceptInRange((byte)'A', (byte)'Z') < 0 && (start[3] == ' ' || start[3] is >= (byte)'A' and <= (byte)'Z');

    private void SetDeadline(TimeSpan time) => Volatile.Write(ref _deadline, _deadlines.After(time));

    private void Watch()
    {
        if (_watch is not null)
        {
            return;
        }

        if (!_hasBegun)
        {
            SetDeadline(Limits.IdleTimeout);
        }

        _watch = new LinkedListNode<IDeadlineWatcher>(this);
        _deadlines.Add(_watch);
        if (_connection.Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime)
        {
            _stopping = lifetime.ConnectionClosedRequested.UnsafeRegister(static state => ((UwsgiHeadReader)state!).OnStopping(), this);
        }
    }

    private void Unwatch()
    {
        _stopping.Dispose();
        if (_watch is not null)
        {
            _deadlines.Remove(_watch);
        }
    }

    private void OnStopping()
    {
        // A head that is on its way is waited for; nothing is not.
        if (!_hasBegun)
        {
            _input.CancelPendingRead();
        }
    }
}
