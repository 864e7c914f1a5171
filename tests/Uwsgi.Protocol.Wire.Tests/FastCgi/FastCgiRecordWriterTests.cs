using System.Buffers;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

public sealed class FastCgiRecordWriterTests
{
    private const int Max = FastCgiRecordWriter.MaxContentLength;

    [Fact]
    public void A_record_is_padded_with_zeros_to_a_multiple_of_eight() => Assert.Equal(
        [1, 6, 0x12, 0x34, 0, 3, 5, 0, .. "abc"u8, 0, 0, 0, 0, 0], WriteStream(0x1234, "abc"u8.ToArray()));

    [Fact]
    public void No_content_is_no_record_because_an_empty_one_ends_the_stream() => Assert.Empty(WriteStream(1, []));

    [Fact]
    public void The_end_of_a_stream_is_an_empty_record() => Assert.Equal(
        FastCgiBytes.Header(6, 65535, 0), Write(output => FastCgiRecordWriter.WriteStreamEnd(output, FastCgiRecordType.Stdout, 65535)));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 1)]
    [InlineData(8, 1)]
    [InlineData(9, 1)]
    [InlineData(Max - 1, 1)]
    [InlineData(Max, 1)]
    [InlineData(Max + 1, 2)]
    [InlineData(65535, 2)]
    [InlineData(65536, 2)]
    [InlineData(99_000, 2)]
    [InlineData(2 * Max, 2)]
    [InlineData(1_000_000, 16)]
    public void Content_of_any_length_is_whole_records(int length, int count)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        var bytes = WriteStream(1, content);
        var buffer = new ReadOnlySequence<byte>(bytes);
        var read = new List<byte>();
        for (; count > 0; count--)
        {
            Assert.Equal(0, (bytes.Length - buffer.Length) % 8);
            Assert.True(FastCgiRecordReader.TryRead(ref buffer, out var header, out var piece));
            Assert.Equal((FastCgiRecordType.Stdout, 1), (header.Type, header.RequestId));
            Assert.InRange(header.ContentLength, 1, Max);
            Assert.InRange(header.ContentLength + header.PaddingLength, 8, Max);
            read.AddRange(piece.ToArray());
        }

        Assert.True(buffer.IsEmpty);
        Assert.Equal(content, read);
    }

    [Fact]
    public void Content_that_looks_like_records_stays_content()
    {
        var smuggled = Enumerable.Repeat(FastCgiBytes.Record(1, 2, [0, 1, 1, 0, 0, 0, 0, 0]), 6000).SelectMany(record => record).ToArray();
        var bytes = Write(output =>
        {
            FastCgiRecordWriter.WriteStream(output, FastCgiRecordType.Stdin, 1, smuggled);
            FastCgiRecordWriter.WriteStreamEnd(output, FastCgiRecordType.Stdin, 1);
        });
        var types = new HashSet<(FastCgiRecordType, ushort)>();
        var read = new List<byte>();
        var buffer = new ReadOnlySequence<byte>(bytes);
        while (FastCgiRecordReader.TryRead(ref buffer, out var header, out var content))
        {
            types.Add((header.Type, header.RequestId));
            read.AddRange(content.ToArray());
        }

        Assert.True(buffer.IsEmpty);
        Assert.Equal([(FastCgiRecordType.Stdin, 1)], types);
        Assert.Equal(smuggled, read);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(65535)]
    [InlineData(200_000)]
    public void Variables_read_back_however_many_records_they_take(int size)
    {
        (string Name, string Value)[] variables = [("REQUEST_METHOD", "GET"), ("A", ""), ("LARGE", new string('v', size)), ("A", "2"), ("URI", "/日本")];
        var bytes = Write(output =>
        {
            FastCgiRecordWriter.WriteBeginRequest(output, 1, new FastCgiBeginRequest(FastCgiRole.Responder, KeepConnection: false));
            FastCgiRecordWriter.WriteParams(output, 1, NameValuePairs.Of(variables));
        });
        var request = Assert.Single(ReceivedFastCgiRequest.ReadAll(new(bytes)));
        Assert.True(request.IsParamsComplete);
        var read = new CgiVariables();
        read.LoadFastCgi(request.Params, variables.Length);
        Assert.Equal(FastCgiBytes.Pairs(variables), read.Block.ToArray());
    }

    [Fact]
    public void No_variables_are_only_the_end_of_their_stream() =>
        Assert.Equal(FastCgiBytes.Header(4, 1, 0), Write(output => FastCgiRecordWriter.WriteParams(output, 1, [])));

    [Fact]
    public void Variables_leave_nothing_of_the_pools_memory_on_the_wire()
    {
        var poisoned = ArrayPool<byte>.Shared.Rent(1024);
        poisoned.AsSpan().Fill(0xCC);
        ArrayPool<byte>.Shared.Return(poisoned);
        var bytes = Write(output => FastCgiRecordWriter.WriteParams(output, 1, NameValuePairs.Of(("NAME", new string('v', 600)))));
        Assert.DoesNotContain((byte)0xCC, bytes);
    }

    [Fact]
    public void Each_record_is_written_as_the_specification_draws_it()
    {
        Assert.Equal(
            FastCgiBytes.Record(1, 5, [0, 2, 1, 0, 0, 0, 0, 0]),
            Write(output => FastCgiRecordWriter.WriteBeginRequest(output, 5, new(FastCgiRole.Authorizer, KeepConnection: true))));
        Assert.Equal(FastCgiBytes.Header(2, 5, 0), Write(output => FastCgiRecordWriter.WriteAbortRequest(output, 5)));
        Assert.Equal(
            FastCgiBytes.Record(3, 5, [0, 0, 0, 7, 3, 0, 0, 0]),
            Write(output => FastCgiRecordWriter.WriteEndRequest(output, 5, new(7, FastCgiProtocolStatus.UnknownRole))));
        Assert.Equal(
            FastCgiBytes.Record(11, 0, [77, 0, 0, 0, 0, 0, 0, 0]),
            Write(output => FastCgiRecordWriter.WriteUnknownType(output, new((FastCgiRecordType)77))));
    }

    private static byte[] WriteStream(ushort requestId, byte[] content) =>
        Write(output => FastCgiRecordWriter.WriteStream(output, FastCgiRecordType.Stdout, requestId, content));

    private static byte[] Write(Action<IBufferWriter<byte>> write)
    {
        var output = new StingyBufferWriter();
        write(output);
        return output.ToArray();
    }
}
