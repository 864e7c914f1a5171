using System.Buffers;
using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Http;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Connections;

/// <summary>What a FastCGI connection answers by itself: to management records, and to requests that never reach the app.</summary>
internal sealed class FastCgiAnswers(FastCgiConnection connection, GatewayRuntime runtime)
{
    // Those that a peer leaves unread: behind so many, no more of its records are taken.
    private const int MaxUnsent = 100;

    private Task _sending = Task.CompletedTask;
    private int _unsent;

    /// <summary>Whether <see cref="SendAsync"/> comes before more records are taken.</summary>
    public bool AreTooMany => Volatile.Read(ref _unsent) >= MaxUnsent;

    /// <summary>Answers FCGI_GET_VALUES with what is true: no limit is no answer.</summary>
    public void WriteValues(FastCgiValueNames names)
    {
        var limits = runtime.Limits;
        var values = new FastCgiValues(
            (int?)Math.Min(limits.MaxConcurrentConnections ?? int.MaxValue, int.MaxValue) is < int.MaxValue and var connections ? connections : null,
            (int)Math.Min(limits.MaxConcurrentRequests ?? int.MaxValue, limits.MaxFastCgiRequestsPerConnection),
            MultiplexConnections: true);
        lock (connection.Gate)
        {
            FastCgiRecordWriter.WriteGetValuesResult(connection.Output, values.Only(names));
            Flush();
        }
    }

    public void WriteUnknownType(FastCgiRecordType type)
    {
        lock (connection.Gate)
        {
            FastCgiRecordWriter.WriteUnknownType(connection.Output, new FastCgiUnknownType(type));
            Flush();
        }
    }

    /// <summary>Answers a request that never reaches the app, in one write.</summary>
    public void Refuse(FastCgiRequest request, int statusCode)
    {
        var content = new ArrayBufferWriter<byte>();
        Refusal.WriteHead(content, ResponseHeadStyle.StatusHeader, runtime.Date, statusCode, length: 0);
        lock (connection.Gate)
        {
            FastCgiRecordWriter.WriteStream(connection.Output, FastCgiRecordType.Stdout, request.Id, content.WrittenSpan);
            FastCgiRecordWriter.WriteStreamEnd(connection.Output, FastCgiRecordType.Stdout, request.Id);
            connection.WriteEnd(request, FastCgiProtocolStatus.RequestComplete);
            Flush();
        }
    }

    /// <summary>Ends a request that has no response, or no more of it.</summary>
    public void End(FastCgiRequest request, FastCgiProtocolStatus status)
    {
        lock (connection.Gate)
        {
            connection.WriteEnd(request, status);
            Flush();
        }
    }

    /// <summary>Ends a request whose app is done with what it was upgraded to.</summary>
    public void EndUpgrade(FastCgiRequest request)
    {
        lock (connection.Gate)
        {
            FastCgiRecordWriter.WriteStreamEnd(connection.Output, FastCgiRecordType.Stdout, request.Id);
            connection.WriteEnd(request, FastCgiProtocolStatus.RequestComplete);
            Flush();
        }
    }

    /// <summary>Waits until the peer has taken them.</summary>
    public async Task SendAsync()
    {
        Task sending;
        lock (connection.Gate)
        {
            sending = _sending;
        }

        // A failure is seen where the connection is read.
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (connection.Gate)
        {
            _unsent = 0;
        }
    }

    /// <summary>Called with the gate held.</summary>
    private void Flush()
    {
        var flush = connection.Flush(CancellationToken.None);
        _unsent = flush.IsCompleted || _sending.IsCompleted ? 0 : _unsent + 1;
        _sending = flush.AsTask();
    }
}
