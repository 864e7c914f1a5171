using System.Buffers;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>What nginx, Apache and lighttpd sent as uwsgi, against what another decoder noted.</summary>
public sealed class CapturedPacketTests
{
    // Every split of these is tried; of larger ones every 97th.
    private const int SmallSize = 2000;

    public static TheoryData<string> Captures => [.. FrontEndCapture.Of(FrontEndCapture.Uwsgi).Select(capture => capture.Name)];

    [Fact]
    public void There_are_captures_of_every_front_end() => Assert.Equal(
        ["apache", "lighttpd", "nginx"], FrontEndCapture.Of(FrontEndCapture.Uwsgi).Select(capture => capture.FrontEnd).Distinct().Order());

    [Fact]
    public void A_connection_without_a_byte_is_no_packet()
    {
        foreach (var capture in FrontEndCapture.All.Where(capture => capture.Requests.Count == 0))
        {
            var buffer = new ReadOnlySequence<byte>(capture.Bytes);
            Assert.True(buffer.IsEmpty);
            Assert.False(UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out _, out _));
            Assert.False(FastCgiRecordReader.TryRead(ref buffer, out _, out _));
            Assert.False(ScgiNetstringReader.TryRead(ref buffer, ushort.MaxValue, out _));
        }
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void A_capture_is_what_was_noted(string name)
    {
        var capture = FrontEndCapture.Get(name);
        var expected = capture.Packet!;
        var buffer = new ReadOnlySequence<byte>(capture.Bytes);
        Assert.True(UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out var header, out var data));
        Assert.Equal(new UwsgiPacketHeader(expected.Modifier1, expected.DataSize, expected.Modifier2), header);

        var variables = new CgiVariables();
        variables.LoadUwsgi(data, capture.Requests[0].Variables.Count);
        Assert.Equal(capture.Requests[0].Variables, CapturedVariables.ToPairs(variables));
        CapturedBody.IsWhatWasNoted(capture.Requests[0], buffer.ToArray());
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void A_capture_is_the_same_in_every_shape(string name)
    {
        var capture = FrontEndCapture.Get(name);
        var expected = capture.Requests[0];
        var variables = new CgiVariables();
        var block = capture.Bytes.AsSpan(UwsgiPacketHeader.Size, capture.Packet!.DataSize);
        var every = capture.Bytes.Length <= SmallSize ? 1 : 97;
        foreach (var (shape, bytes) in Segments.EveryShapeOf(capture.Bytes, every))
        {
            var buffer = bytes;
            Assert.True(UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out _, out var data), shape);
            Assert.True(expected.BodyLength == buffer.Length, shape);
            Assert.True(expected.Variables.Count == Count(data), shape);
            variables.LoadUwsgi(data, expected.Variables.Count);
            Assert.True(block.SequenceEqual(variables.Block), shape);
        }
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void A_capture_cut_short_asks_for_more(string name)
    {
        var capture = FrontEndCapture.Get(name);
        var end = UwsgiPacketHeader.Size + capture.Packet!.DataSize;
        for (var length = 0; length < end; length++)
        {
            var buffer = new ReadOnlySequence<byte>(capture.Bytes, 0, length);
            Assert.False(UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out _, out _));
        }
    }

    private static int Count(in ReadOnlySequence<byte> data)
    {
        var count = 0;
        var reader = new UwsgiVariableReader(data);
        while (reader.TryRead(out _))
        {
            count++;
        }

        return count;
    }
}
