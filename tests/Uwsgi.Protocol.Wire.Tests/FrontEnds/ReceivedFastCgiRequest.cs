using System.Buffers;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>A request put together from FastCGI records in the simplest way: what a server must do, without its bounds.</summary>
internal sealed class ReceivedFastCgiRequest(ushort id, FastCgiBeginRequest begin)
{
    private readonly List<byte[]> _parameters = [];
    private readonly List<byte[]> _stdin = [];

    public ushort Id => id;

    public FastCgiBeginRequest Begin => begin;

    public bool IsAborted { get; private set; }

    public bool IsParamsComplete { get; private set; }

    public bool IsStdinComplete { get; private set; }

    /// <summary>The content of the records of FCGI_PARAMS, each a segment.</summary>
    public ReadOnlySequence<byte> Params => Segments.Of([.. _parameters]);

    public byte[] Stdin => WireBytes.Concat([.. _stdin]);

    /// <summary>All requests of a connection, in the order in which they began.</summary>
    public static List<ReceivedFastCgiRequest> ReadAll(ReadOnlySequence<byte> buffer)
    {
        var requests = new List<ReceivedFastCgiRequest>();
        while (FastCgiRecordReader.TryRead(ref buffer, out var header, out var content))
        {
            if (header.Type == FastCgiRecordType.BeginRequest)
            {
                requests.Add(new ReceivedFastCgiRequest(header.RequestId, FastCgiBeginRequest.Parse(content)));
            }
            else if (!header.IsManagement)
            {
                requests.Last(request => request.Id == header.RequestId).OnRecord(header.Type, content);
            }
        }

        return requests;
    }

    private void OnRecord(FastCgiRecordType type, in ReadOnlySequence<byte> content)
    {
        IsAborted |= type == FastCgiRecordType.AbortRequest;
        IsParamsComplete |= type == FastCgiRecordType.Params && content.IsEmpty;
        IsStdinComplete |= type == FastCgiRecordType.Stdin && content.IsEmpty;
        if (type is FastCgiRecordType.Params or FastCgiRecordType.Stdin)
        {
            (type == FastCgiRecordType.Params ? _parameters : _stdin).Add(content.ToArray());
        }
    }
}
