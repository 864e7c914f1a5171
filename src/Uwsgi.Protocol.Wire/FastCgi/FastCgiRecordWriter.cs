using System.Buffers;

namespace Uwsgi.Protocol.Wire;

/// <summary>Writes whole FastCGI records. Padding is zeros: no byte goes out that was not written.</summary>
/// <remarks>FastCGI 1.0, section 3.3.</remarks>
public static class FastCgiRecordWriter
{
    /// <summary>
    /// The most content that one record gets: the largest multiple of eight below 65,536, so that a full record needs no padding.
    /// There are front ends that cannot count past 65,535 with content and padding together.
    /// </summary>
    public const int MaxContentLength = 65528;

    /// <summary>Writes content of a stream as records, as many as it needs: none where there is no content, because an empty record ends the stream.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="type">Which stream: FCGI_PARAMS, FCGI_STDIN, FCGI_STDOUT, FCGI_STDERR or FCGI_DATA.</param>
    /// <param name="requestId">Whose.</param>
    /// <param name="content">The content, of any length.</param>
    public static void WriteStream(IBufferWriter<byte> output, FastCgiRecordType type, ushort requestId, ReadOnlySpan<byte> content)
    {
        ArgumentNullException.ThrowIfNull(output);
        while (!content.IsEmpty)
        {
            var length = Math.Min(content.Length, MaxContentLength);
            WriteRecord(output, type, requestId, content[..length]);
            content = content[length..];
        }
    }

    /// <summary>Writes content of a stream as records, as few as can be, wherever its pieces begin and end.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="type">Which stream: FCGI_PARAMS, FCGI_STDIN, FCGI_STDOUT, FCGI_STDERR or FCGI_DATA.</param>
    /// <param name="requestId">Whose.</param>
    /// <param name="content">The content, of any length; without any, no record is written, because an empty one ends the stream.</param>
    public static void WriteStream(IBufferWriter<byte> output, FastCgiRecordType type, ushort requestId, in ReadOnlySequence<byte> content)
    {
        ArgumentNullException.ThrowIfNull(output);
        for (var rest = content; !rest.IsEmpty;)
        {
            var record = rest.Slice(0, Math.Min(rest.Length, MaxContentLength));
            rest = rest.Slice(record.End);
            var header = FastCgiRecordHeader.Padded(type, requestId, (ushort)record.Length);
            WriteHeader(output, header);
            foreach (var memory in record)
            {
                output.Write(memory.Span);
            }

            WritePadding(output, header);
        }
    }

    /// <summary>Writes the empty record that ends a stream.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="type">Which stream.</param>
    /// <param name="requestId">Whose.</param>
    public static void WriteStreamEnd(IBufferWriter<byte> output, FastCgiRecordType type, ushort requestId) =>
        WriteRecord(output, type, requestId, default);

    /// <summary>Writes variables as FCGI_PARAMS records, and the empty one that ends the stream.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="requestId">Whose.</param>
    /// <param name="variables">Names and values, written as UTF-8 in their order.</param>
    /// <exception cref="ArgumentException">A name is empty, or all together are larger than 2^31 - 1 bytes.</exception>
    public static void WriteParams(IBufferWriter<byte> output, ushort requestId, IReadOnlyCollection<KeyValuePair<string, string>> variables)
    {
        var size = FastCgiNameValueWriter.GetSize(variables);
        var block = ArrayPool<byte>.Shared.Rent(size);
        try
        {
            FastCgiNameValueWriter.WriteTo(block, variables);
            WriteStream(output, FastCgiRecordType.Params, requestId, block.AsSpan(0, size));
            WriteStreamEnd(output, FastCgiRecordType.Params, requestId);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }

    /// <summary>Writes an FCGI_BEGIN_REQUEST record.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="requestId">The request's id.</param>
    /// <param name="body">The content.</param>
    public static void WriteBeginRequest(IBufferWriter<byte> output, ushort requestId, FastCgiBeginRequest body)
    {
        Span<byte> content = stackalloc byte[FastCgiBeginRequest.Size];
        body.WriteTo(content);
        WriteRecord(output, FastCgiRecordType.BeginRequest, requestId, content);
    }

    /// <summary>Writes an FCGI_ABORT_REQUEST record.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="requestId">The request's id.</param>
    public static void WriteAbortRequest(IBufferWriter<byte> output, ushort requestId) =>
        WriteRecord(output, FastCgiRecordType.AbortRequest, requestId, default);

    /// <summary>Writes an FCGI_END_REQUEST record.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="requestId">The request's id.</param>
    /// <param name="body">The content.</param>
    public static void WriteEndRequest(IBufferWriter<byte> output, ushort requestId, FastCgiEndRequest body)
    {
        Span<byte> content = stackalloc byte[FastCgiEndRequest.Size];
        body.WriteTo(content);
        WriteRecord(output, FastCgiRecordType.EndRequest, requestId, content);
    }

    /// <summary>Writes an FCGI_UNKNOWN_TYPE record.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="body">The content.</param>
    public static void WriteUnknownType(IBufferWriter<byte> output, FastCgiUnknownType body)
    {
        Span<byte> content = stackalloc byte[FastCgiUnknownType.Size];
        body.WriteTo(content);
        WriteRecord(output, FastCgiRecordType.UnknownType, 0, content);
    }

    /// <summary>Writes an FCGI_GET_VALUES record.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="names">What is asked for.</param>
    public static void WriteGetValues(IBufferWriter<byte> output, FastCgiValueNames names) =>
        WritePairs(output, FastCgiRecordType.GetValues, FastCgiValues.ToPairs(names));

    /// <summary>Writes an FCGI_GET_VALUES_RESULT record; it is empty where nothing is said.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="values">The answer.</param>
    public static void WriteGetValuesResult(IBufferWriter<byte> output, FastCgiValues values) =>
        WritePairs(output, FastCgiRecordType.GetValuesResult, values.ToPairs());

    // At most three pairs of short texts.
    private static void WritePairs(IBufferWriter<byte> output, FastCgiRecordType type, List<KeyValuePair<string, string>> pairs)
    {
        Span<byte> content = stackalloc byte[FastCgiNameValueWriter.GetSize(pairs)];
        FastCgiNameValueWriter.WriteTo(content, pairs);
        WriteRecord(output, type, 0, content);
    }

    private static void WriteRecord(IBufferWriter<byte> output, FastCgiRecordType type, ushort requestId, ReadOnlySpan<byte> content)
    {
        ArgumentNullException.ThrowIfNull(output);
        var header = FastCgiRecordHeader.Padded(type, requestId, (ushort)content.Length);
        WriteHeader(output, header);

        // Content goes where there is room, in pieces where need be: a record of 64 KB asks for no block of 64 KB.
        output.Write(content);
        WritePadding(output, header);
    }

    private static void WriteHeader(IBufferWriter<byte> output, FastCgiRecordHeader header)
    {
        header.WriteTo(output.GetSpan(FastCgiRecordHeader.Size));
        output.Advance(FastCgiRecordHeader.Size);
    }

    private static void WritePadding(IBufferWriter<byte> output, FastCgiRecordHeader header)
    {
        if (header.PaddingLength != 0)
        {
            output.GetSpan(header.PaddingLength)[..header.PaddingLength].Clear();
            output.Advance(header.PaddingLength);
        }
    }
}
