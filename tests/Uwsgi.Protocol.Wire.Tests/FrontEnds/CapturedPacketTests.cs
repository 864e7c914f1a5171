using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>What nginx, Apache and lighttpd sent, against what another decoder noted.</summary>
public sealed class CapturedPacketTests
{
    // Every split of these is tried; of larger ones every 97th.
    private const int SmallSize = 2000;

    // Bytes after an upgrade are no body.
    private const string Upgraded = "/u-ws__";

    public static TheoryData<string> Captures => [.. FrontEndCapture.Requests.Select(capture => capture.Name)];

    [Fact]
    public void There_are_captures_of_every_front_end() =>
        Assert.Equal(["apache", "lighttpd", "nginx"], FrontEndCapture.Requests.Select(capture => capture.FrontEnd).Distinct().Order());

    [Fact]
    public void A_connection_without_a_byte_is_no_packet()
    {
        foreach (var capture in FrontEndCapture.All.Where(capture => capture.Expected is null))
        {
            var buffer = new ReadOnlySequence<byte>(capture.Bytes);
            Assert.True(buffer.IsEmpty);
            Assert.False(UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out _, out _));
        }
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void A_capture_is_what_was_noted(string name)
    {
        var capture = FrontEndCapture.Get(name);
        var expected = capture.Expected!;
        var buffer = new ReadOnlySequence<byte>(capture.Bytes);
        Assert.True(UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out var header, out var data));
        Assert.Equal(new UwsgiPacketHeader(expected.Modifier1, expected.DataSize, expected.Modifier2), header);
        Assert.Equal(expected.Variables, Decode(data));
        Assert.Equal(expected.BodyLength, buffer.Length);
        if (expected.BodySha256 is not null)
        {
            Assert.StartsWith(expected.BodySha256, Convert.ToHexStringLower(SHA256.HashData(buffer.ToArray())), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void A_capture_is_the_same_in_every_shape(string name)
    {
        var capture = FrontEndCapture.Get(name);
        var variables = new CgiVariables();
        var block = capture.Bytes.AsSpan(UwsgiPacketHeader.Size, capture.Expected!.DataSize);
        var every = capture.Bytes.Length <= SmallSize ? 1 : 97;
        foreach (var (shape, bytes) in Segments.EveryShapeOf(capture.Bytes, every))
        {
            var buffer = bytes;
            Assert.True(UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out _, out var data), shape);
            Assert.True(capture.Expected.BodyLength == buffer.Length, shape);
            Assert.True(capture.Expected.Variables.Count == Count(data), shape);
            variables.LoadUwsgi(data, capture.Expected.Variables.Count);
            Assert.True(block.SequenceEqual(variables.Block), shape);
        }
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void A_capture_cut_short_asks_for_more(string name)
    {
        var capture = FrontEndCapture.Get(name);
        var end = UwsgiPacketHeader.Size + capture.Expected!.DataSize;
        for (var length = 0; length < end; length++)
        {
            var buffer = new ReadOnlySequence<byte>(capture.Bytes, 0, length);
            Assert.False(UwsgiPacketReader.TryRead(ref buffer, ushort.MaxValue, out _, out _));
        }
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void A_capture_has_a_clean_length_and_its_body_is_that_long(string name)
    {
        var capture = FrontEndCapture.Get(name);
        var variables = Load(capture);
        Assert.False(variables.HasConflictingContentLength);
        Assert.True(CgiContentLength.TryParse(variables[CgiVariable.ContentLength], out var length));
        if (!name.Contains(Upgraded, StringComparison.Ordinal))
        {
            Assert.Equal(capture.Expected!.BodyLength, length ?? 0);
        }
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void A_capture_names_a_host_and_headers_of_tokens(string name)
    {
        var variables = Load(FrontEndCapture.Get(name));
        _ = CgiOrigin.GetHost(variables);
        for (var i = 0; i < variables.Count; i++)
        {
            if (CgiHeaderName.IsHeader(variables.GetName(i)))
            {
                Assert.True(CgiHeaderName.IsValid(variables.GetName(i)));
                Assert.True(CgiHeaderName.Matches(variables.GetName(i), CgiHeaderName.ToHeader(variables.GetName(i))));
            }
        }
    }

    private static CgiVariables Load(FrontEndCapture capture)
    {
        var variables = new CgiVariables();
        variables.LoadUwsgi(new(capture.Bytes, UwsgiPacketHeader.Size, capture.Expected!.DataSize), int.MaxValue);
        return variables;
    }

    private static List<(string Name, string Value)> Decode(in ReadOnlySequence<byte> data)
    {
        var text = Encoding.Latin1.GetString(data);
        var variables = new List<(string, string)>();
        var reader = new UwsgiVariableReader(data);
        while (reader.TryRead(out var range))
        {
            variables.Add((text.Substring(range.NameStart, range.NameLength), text.Substring(range.ValueStart, range.ValueLength)));
        }

        return variables;
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
