using System.Buffers;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>What nginx, Apache and lighttpd sent as SCGI, against what another decoder noted.</summary>
public sealed class CapturedNetstringTests
{
    // Every split of these is tried; of larger ones every 97th.
    private const int SmallSize = 2000;

    public static TheoryData<string> Captures => [.. FrontEndCapture.Of(FrontEndCapture.Scgi).Select(capture => capture.Name)];

    [Fact]
    public void There_are_captures_of_every_front_end() => Assert.Equal(
        ["apache", "lighttpd", "nginx"], FrontEndCapture.Of(FrontEndCapture.Scgi).Select(capture => capture.FrontEnd).Distinct().Order());

    [Theory]
    [MemberData(nameof(Captures))]
    public void A_capture_is_what_was_noted(string name)
    {
        var capture = FrontEndCapture.Get(name);
        var buffer = new ReadOnlySequence<byte>(capture.Bytes);
        Assert.True(ScgiNetstringReader.TryRead(ref buffer, capture.NetstringLength, out var headers));
        Assert.Equal(capture.NetstringLength, headers.Length);

        var variables = new CgiVariables();
        variables.LoadScgi(headers, capture.Requests[0].Variables.Count);
        Assert.Equal(capture.Requests[0].Variables, CapturedVariables.ToPairs(variables));
        CapturedBody.IsWhatWasNoted(capture.Requests[0], buffer.ToArray());
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void A_capture_is_the_same_in_every_shape(string name)
    {
        var capture = FrontEndCapture.Get(name);
        var expected = capture.Requests[0];
        var whole = CapturedVariables.Of(capture);
        var variables = new CgiVariables();
        var every = capture.Bytes.Length <= SmallSize ? 1 : 97;
        foreach (var (shape, bytes) in Segments.EveryShapeOf(capture.Bytes, every))
        {
            var buffer = bytes;
            Assert.True(ScgiNetstringReader.TryRead(ref buffer, capture.NetstringLength, out var headers), shape);
            Assert.True(expected.BodyLength == buffer.Length, shape);
            Assert.True(expected.Variables.Count == Count(headers), shape);
            variables.LoadScgi(headers, expected.Variables.Count);
            Assert.True(whole.Block.SequenceEqual(variables.Block), shape);
        }
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void A_capture_cut_short_asks_for_more(string name)
    {
        var capture = FrontEndCapture.Get(name);
        var end = capture.Bytes.Length - capture.Requests[0].BodyLength;
        for (var length = 0; length < end; length++)
        {
            var buffer = new ReadOnlySequence<byte>(capture.Bytes, 0, length);
            Assert.False(ScgiNetstringReader.TryRead(ref buffer, capture.NetstringLength, out _));
        }
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void A_capture_starts_with_its_length_and_says_that_it_is_SCGI(string name)
    {
        var variables = CapturedVariables.Of(FrontEndCapture.Get(name));
        Assert.Equal("CONTENT_LENGTH"u8, variables.GetName(0));
        Assert.Equal("1"u8, variables.GetValue(variables.IndexOf("SCGI"u8)));
    }

    private static int Count(in ReadOnlySequence<byte> headers)
    {
        var count = 0;
        var reader = new ScgiHeaderReader(headers);
        while (reader.TryRead(out _))
        {
            count++;
        }

        return count;
    }
}
