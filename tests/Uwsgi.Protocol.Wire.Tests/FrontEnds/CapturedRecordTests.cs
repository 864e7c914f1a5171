using System.Buffers;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>What nginx, Apache, lighttpd and HAProxy sent as FastCGI, against what another decoder noted.</summary>
public sealed class CapturedRecordTests
{
    // Every split of these is tried; of larger ones every 97th.
    private const int SmallSize = 2000;

    public static TheoryData<string> Captures => [.. FrontEndCapture.Of(FrontEndCapture.FastCgi).Select(capture => capture.Name)];

    [Fact]
    public void There_are_captures_of_every_front_end() => Assert.Equal(
        ["apache", "haproxy", "lighttpd", "nginx"],
        FrontEndCapture.Of(FrontEndCapture.FastCgi).Select(capture => capture.FrontEnd).Distinct().Order());

    [Theory]
    [MemberData(nameof(Captures))]
    public void The_records_of_a_capture_are_what_was_noted(string name)
    {
        var capture = FrontEndCapture.Get(name);
        var buffer = new ReadOnlySequence<byte>(capture.Bytes);
        foreach (var expected in capture.Records)
        {
            Assert.Equal(expected.Offset, capture.Bytes.Length - buffer.Length);
            Assert.True(FastCgiRecordReader.TryRead(ref buffer, out var header, out var content));
            Assert.Equal(
                (expected.Type, expected.RequestId, expected.ContentLength, expected.PaddingLength),
                (FastCgiNames.Of(header.Type), header.RequestId, header.ContentLength, header.PaddingLength));
            if (expected.Role is not null)
            {
                Assert.Equal(
                    new FastCgiBeginRequest((FastCgiRole)expected.Role, expected.Flags == 1), FastCgiBeginRequest.Parse(content));
            }

            if (header.Type == FastCgiRecordType.GetValues)
            {
                Assert.Equal(["FCGI_MAX_REQS", "FCGI_MPXS_CONNS"], expected.Names);
                Assert.Equal(FastCgiValueNames.MaxRequests | FastCgiValueNames.MultiplexConnections, FastCgiValues.ParseNames(content));
            }
        }

        Assert.True(buffer.IsEmpty);
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void The_requests_of_a_capture_are_what_was_noted(string name)
    {
        var capture = FrontEndCapture.Get(name);
        var requests = ReceivedFastCgiRequest.ReadAll(new(capture.Bytes));
        Assert.Equal(capture.Records.Count(record => record.Type == "BEGIN_REQUEST"), requests.Count);
        foreach (var expected in capture.Requests)
        {
            // The other decoder put requests with the same id, one after the other, into one.
            var sameId = requests.Where(request => request.Id == expected.Id).ToList();
            Assert.NotEmpty(sameId);
            Assert.All(sameId, request => Assert.Equal(
                (expected.IsAborted, expected.IsComplete), (request.IsAborted, request.IsParamsComplete && request.IsStdinComplete)));
            Assert.Equal(expected.Variables, sameId.SelectMany(ReadVariables));
            CapturedBody.IsWhatWasNoted(expected, WireBytes.Concat([.. sameId.Select(request => request.Stdin)]));
        }
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void A_capture_is_the_same_in_every_shape(string name)
    {
        var capture = FrontEndCapture.Get(name);
        var every = capture.Bytes.Length <= SmallSize ? 1 : 97;
        foreach (var (shape, bytes) in Segments.EveryShapeOf(capture.Bytes, every))
        {
            var buffer = bytes;
            foreach (var expected in capture.Records)
            {
                Assert.True(FastCgiRecordReader.TryRead(ref buffer, out var header, out var content), shape);
                Assert.True(header.RequestId == expected.RequestId && content.Length == expected.ContentLength, shape);
                Assert.True(SequenceEqual(content, capture.Bytes.AsSpan(expected.Offset + FastCgiRecordHeader.Size)), shape);
            }

            Assert.True(buffer.IsEmpty, shape);
        }
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void The_variables_of_a_capture_may_be_cut_anywhere_by_records(string name)
    {
        var capture = FrontEndCapture.Get(name);
        var whole = CapturedVariables.Of(capture);
        var variables = new CgiVariables();
        var every = whole.Block.Length <= SmallSize ? 1 : 97;
        foreach (var (shape, bytes) in Segments.EveryShapeOf(whole.Block.ToArray(), every))
        {
            variables.LoadFastCgi(bytes, whole.Count);
            Assert.True(whole.Count == variables.Count, shape);
            for (var i = 0; i < whole.Count; i++)
            {
                Assert.True(whole.GetName(i).SequenceEqual(variables.GetName(i)) && whole.GetValue(i).SequenceEqual(variables.GetValue(i)), shape);
            }
        }
    }

    [Fact]
    public void HAProxy_runs_four_requests_at_a_time_over_one_connection()
    {
        var requests = ReceivedFastCgiRequest.ReadAll(new(FrontEndCapture.Get("haproxy/fastcgi/k-par__alt").Bytes));
        Assert.Equal([1, 3, 5, 7], requests.Select(request => (int)request.Id));
        Assert.All(requests, request => Assert.Equal(new FastCgiBeginRequest(FastCgiRole.Responder, KeepConnection: true), request.Begin));
    }

    [Fact]
    public void HAProxy_takes_a_request_back_before_it_has_sent_a_variable()
    {
        var request = Assert.Single(ReceivedFastCgiRequest.ReadAll(new(FrontEndCapture.Get("haproxy/fastcgi/q-target__pctbad").Bytes)));
        Assert.True(request.IsAborted);
        Assert.True(request.Params.IsEmpty);
        Assert.False(request.IsParamsComplete);
    }

    [Fact]
    public void A_kept_connection_uses_its_id_again()
    {
        foreach (var name in new[] { "nginx/fastcgi/k-seq__ka", "apache/fastcgi/k-seq__alt" })
        {
            var requests = ReceivedFastCgiRequest.ReadAll(new(FrontEndCapture.Get(name).Bytes));
            Assert.Equal([1, 1, 1], requests.Select(request => (int)request.Id));
            Assert.True(requests.TrueForAll(request => request.Begin.KeepConnection));
        }
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void A_capture_cut_short_asks_for_more(string name)
    {
        var capture = FrontEndCapture.Get(name);
        foreach (var record in capture.Records)
        {
            var end = FastCgiRecordHeader.Size + record.ContentLength + record.PaddingLength;
            for (var length = 0; length < end; length++)
            {
                var buffer = new ReadOnlySequence<byte>(capture.Bytes, record.Offset, length);
                Assert.False(FastCgiRecordReader.TryRead(ref buffer, out _, out _));
            }
        }
    }

    private static List<(string Name, string Value)> ReadVariables(ReceivedFastCgiRequest request)
    {
        var variables = new CgiVariables();
        variables.LoadFastCgi(request.Params, int.MaxValue);
        return CapturedVariables.ToPairs(variables);
    }

    private static bool SequenceEqual(in ReadOnlySequence<byte> content, ReadOnlySpan<byte> expected)
    {
        foreach (var memory in content)
        {
            if (!expected.StartsWith(memory.Span))
            {
                return false;
            }

            expected = expected[memory.Length..];
        }

        return true;
    }
}
