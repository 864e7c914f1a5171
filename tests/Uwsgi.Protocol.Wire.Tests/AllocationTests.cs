using System.Buffers;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>The budget of a request's parse: not a byte, once the list of variables has been used before.</summary>
public sealed class AllocationTests
{
    [Fact]
    public void Parsing_a_head_allocates_nothing()
    {
        var variables = new CgiVariables();
        foreach (var capture in FrontEndCapture.All)
        {
            var protocol = capture.Protocol;
            foreach (var at in new[] { 0, 2, capture.Bytes.Length / 2 })
            {
                var bytes = Segments.SplitAt(capture.Bytes, Math.Min(at, capture.Bytes.Length));
                Assert.True(AllocatedBy(() => Parse(protocol, bytes, variables)) == 0, $"{capture}, split at {at}");
            }
        }
    }

    [Theory]
    [InlineData("nginx/uwsgi/q-target__simple")]
    [InlineData("nginx/fastcgi/q-target__simple")]
    [InlineData("nginx/scgi/q-target__simple")]
    public void Asking_for_more_allocates_nothing(string name)
    {
        var capture = FrontEndCapture.Get(name);
        var protocol = capture.Protocol;
        var variables = new CgiVariables();
        var bytes = new ReadOnlySequence<byte>(capture.Bytes[..100]);
        Assert.Equal(0, AllocatedBy(() => Parse(protocol, bytes, variables)));
        Assert.Equal(0, variables.Count);
    }

    [Fact]
    public void Writing_the_records_of_a_response_allocates_nothing()
    {
        var output = new ArrayBufferWriter<byte>(256 * 1024);
        var content = new byte[100_000];
        Assert.Equal(0, AllocatedBy(() =>
        {
            output.ResetWrittenCount();
            FastCgiRecordWriter.WriteStream(output, FastCgiRecordType.Stdout, 1, content);
            FastCgiRecordWriter.WriteStreamEnd(output, FastCgiRecordType.Stdout, 1);
            FastCgiRecordWriter.WriteEndRequest(output, 1, default);
        }));
    }

    [Fact]
    public void Reading_what_is_asked_for_allocates_nothing()
    {
        var bytes = Segments.SplitAt(FastCgiBytes.Pairs(("FCGI_MAX_REQS", ""), ("FCGI_MPXS_CONNS", "")), 9);
        Assert.Equal(0, AllocatedBy(() => FastCgiValues.ParseNames(bytes)));
    }

    [Fact]
    public void Facts_about_a_request_allocate_nothing()
    {
        var variables = RequestVariables.Of(("HTTPS", "on"), ("CONTENT_LENGTH", "5"), ("HTTP_ACCEPT_ENCODING", "gzip"));
        Assert.Equal(0, AllocatedBy(() =>
        {
            Assert.True(CgiOrigin.IsHttps(variables));
            Assert.True(CgiContentLength.TryParse(variables[CgiVariable.ContentLength], out _));
            Assert.True(CgiHeaderName.IsHeader(variables.GetName(2)));
            Assert.True(CgiHeaderName.Matches(variables.GetName(2), "Accept-Encoding"));
            Assert.NotNull(CgiHeaderName.ToHeader(variables.GetName(2)));
        }));
    }

    [Fact]
    public void The_target_of_the_root_is_no_new_string()
    {
        var variables = RequestVariables.Of(("REQUEST_URI", "/"), ("PATH_INFO", "/"), ("QUERY_STRING", ""));
        Assert.Equal(0, AllocatedBy(() => CgiTarget.Parse(variables)));
    }

    private static void Parse(string protocol, ReadOnlySequence<byte> buffer, CgiVariables variables)
    {
        switch (protocol)
        {
            case FrontEndCapture.Uwsgi when UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out _, out var data):
                variables.LoadUwsgi(data, 1000);
                break;
            case FrontEndCapture.Scgi when ScgiNetstringReader.TryRead(ref buffer, ushort.MaxValue, out var headers):
                variables.LoadScgi(headers, 1000);
                break;
            case FrontEndCapture.FastCgi:
                ParseRecords(buffer, variables);
                break;
        }
    }

    private static void ParseRecords(ReadOnlySequence<byte> buffer, CgiVariables variables)
    {
        while (FastCgiRecordReader.TryRead(ref buffer, out var header, out var content))
        {
            if (header.Type == FastCgiRecordType.BeginRequest)
            {
                _ = FastCgiBeginRequest.Parse(content);
            }
            else if (header.Type == FastCgiRecordType.Params && !content.IsEmpty)
            {
                // No capture cuts a pair.
                variables.LoadFastCgi(content, 1000);
            }
        }
    }

    private static long AllocatedBy(Action action)
    {
        // Once to compile it, once to grow what grows, then for the record.
        action();
        action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
