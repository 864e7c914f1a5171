using System.Buffers;
using Uwsgi.Protocol.Wire;

namespace UwsgiCat;

/// <summary>What FastCGI wraps the answer in: takes the records off. FCGI_STDERR is shown, by standard error.</summary>
internal sealed class FastCgiAnswer
{
    private readonly List<byte> _received = [];

    /// <summary>How FCGI_END_REQUEST says that it ended; <see langword="null"/> before.</summary>
    public FastCgiProtocolStatus? End { get; private set; }

    /// <exception cref="WireFormatException">These are no records.</exception>
    public byte[] Take(ReadOnlySpan<byte> received)
    {
        _received.AddRange(received);
        var rest = new ReadOnlySequence<byte>([.. _received]);
        var total = rest.Length;
        var stdout = new ArrayBufferWriter<byte>();
        while (End is null && FastCgiRecordReader.TryRead(ref rest, out var header, out var content))
        {
            OnRecord(header.Type, content, stdout);
        }

        _received.RemoveRange(0, (int)(total - rest.Length));
        return stdout.WrittenSpan.ToArray();
    }

    private void OnRecord(FastCgiRecordType type, in ReadOnlySequence<byte> content, ArrayBufferWriter<byte> stdout)
    {
        if (type == FastCgiRecordType.Stdout)
        {
            stdout.Write(content.ToArray());
        }
        else if (type == FastCgiRecordType.Stderr)
        {
            using var error = Console.OpenStandardError();
            error.Write(content.ToArray());
        }
        else if (type == FastCgiRecordType.EndRequest)
        {
            End = FastCgiEndRequest.Parse(content).ProtocolStatus;
        }
    }
}
