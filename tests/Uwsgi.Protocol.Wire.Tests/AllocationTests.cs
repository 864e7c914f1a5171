using System.Buffers;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>The budget of a request's parse: not a byte, once the list of variables has been used before.</summary>
public sealed class AllocationTests
{
    [Fact]
    public void Parsing_a_packet_allocates_nothing()
    {
        var variables = new CgiVariables();
        foreach (var capture in FrontEndCapture.Of(FrontEndCapture.Uwsgi))
        {
            foreach (var at in new[] { 0, 2, capture.Bytes.Length / 2 })
            {
                var bytes = Segments.SplitAt(capture.Bytes, at);
                Assert.True(AllocatedBy(() => Parse(bytes, variables)) == 0, $"{capture}, split at {at}");
            }
        }
    }

    [Fact]
    public void Asking_for_more_allocates_nothing()
    {
        var bytes = new ReadOnlySequence<byte>(FrontEndCapture.Get("nginx/uwsgi/q-target__simple").Bytes[..100]);
        Assert.Equal(0, AllocatedBy(() => UwsgiPacketReader.TryRead(ref bytes, ushort.MaxValue, out _, out _)));
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

    private static void Parse(ReadOnlySequence<byte> buffer, CgiVariables variables)
    {
        if (UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out _, out var data))
        {
            variables.LoadUwsgi(data, 1000);
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
