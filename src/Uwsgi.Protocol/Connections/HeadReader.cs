using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Uwsgi.Protocol.Http;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>Waits for the head of a request, whatever its protocol.</summary>
internal sealed class HeadReader : IDeadlineWatcher
{
    private readonly ConnectionContext _connection;
    private readonly GatewayApplication _application;
    private readonly HeadFormat _format;
    private readonly PipeReader _input;
    private readonly Deadlines _deadlines;
    private LinkedListNode<IDeadlineWatcher>? _watch;
    private CancellationTokenRegistration _stopping;
    private long _deadline;
    private volatile bool _hasBegun;
    private volatile bool _isLate;

    public HeadReader(ConnectionContext connection, GatewayApplication application, HeadFormat format)
    {
        _connection = connection;
        _application = application;
        _format = format;
        _input = connection.Transport.Input;
        _deadlines = application.Runtime.Deadlines;
    }

    private UwsgiProtocolLimits Limits => _application.Runtime.Limits;

    /// <summary>Reads the head.</summary>
    /// <exception cref="WireFormatException">It is malformed, or too large.</exception>
    public async ValueTask<RequestHead> ReadAsync()
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

    private bool TryTake(in ReadResult result, out RequestHead head)
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

            if (_format.TryRead(ref buffer, Limits.MaxRequestVariablesSize, out head, out var variables))
            {
                // What comes behind is the body's: not looked at yet.
                examined = buffer.Start;
                head = head.Reason == EndReason.Completed ? head with { Request = Load(variables) } : head;
                return true;
            }

            if (result.IsCompleted)
            {
                head = buffer.IsEmpty
                    ? new RequestHead(EndReason.ClosedBeforeRequest)
                    : throw new WireFormatException(WireError.UnexpectedEnd);
                return true;
            }

            // A stop is for connections without a request: a head that has begun is waited for.
            head = new RequestHead(!_isLate ? EndReason.Stopping : _hasBegun ? EndReason.RequestHeadTimeout : EndReason.IdleTimeout);
            return result.IsCanceled && (_isLate || !_hasBegun);
        }
        finally
        {
            _input.AdvanceTo(buffer.Start, examined);
        }
    }

    private RequestContext Load(in ReadOnlySequence<byte> variables)
    {
        var request = _application.Rent();
        try
        {
            _format.Load(request.Variables, variables, Limits.MaxRequestVariableCount);
            return request;
        }
        catch
        {
            _application.Return(request);
            throw;
        }
    }

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
            _stopping = lifetime.ConnectionClosedRequested.UnsafeRegister(static state => ((HeadReader)state!).OnStopping(), this);
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
