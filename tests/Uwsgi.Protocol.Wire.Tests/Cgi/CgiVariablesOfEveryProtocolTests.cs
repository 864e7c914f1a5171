using System.Buffers;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>What <see cref="CgiVariables"/> promises, in each of the three protocols.</summary>
public sealed class CgiVariablesOfEveryProtocolTests
{
    public static TheoryData<string> Protocols => [.. RequestHead.Protocols];

    [Theory]
    [MemberData(nameof(Protocols))]
    public void Variables_load_the_same_in_every_shape(string protocol)
    {
        var block = RequestHead.BlockOf(protocol, ("PATH_INFO", "/x"), ("X", ""), ("HTTPS", "on"), ("PATH_INFO", "/y"), ("L", new string('v', 130)));
        var variables = new CgiVariables();
        foreach (var (shape, bytes) in Segments.EveryShapeOf(block))
        {
            variables.Load(protocol, bytes, 5);
            Assert.True(variables.Count == 5, shape);
            Assert.Equal("/y"u8, variables[CgiVariable.PathInfo]);
            Assert.Equal("/x"u8, variables.GetValue(0));
            Assert.True(variables.GetValue(1).IsEmpty);
            Assert.Equal("on"u8, variables[CgiVariable.Https]);
            Assert.Equal(130, variables.GetValue(4).Length);
        }
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public void Different_content_lengths_conflict(string protocol)
    {
        var variables = new CgiVariables();
        variables.Load(protocol, new(RequestHead.BlockOf(protocol, ("CONTENT_LENGTH", "5"), ("CONTENT_LENGTH", "6"))), 10);
        Assert.True(variables.HasConflictingContentLength);
        variables.Load(protocol, new(RequestHead.BlockOf(protocol, ("CONTENT_LENGTH", "5"), ("CONTENT_LENGTH", "5"))), 10);
        Assert.False(variables.HasConflictingContentLength);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public void Variables_below_and_at_the_limit_are_accepted_and_one_above_is_refused(string protocol)
    {
        var variables = new CgiVariables();
        variables.Load(protocol, ManyVariables(protocol, 99), 100);
        Assert.Equal(99, variables.Count);
        variables.Load(protocol, ManyVariables(protocol, 100), 100);
        Assert.Equal(100, variables.Count);
        Refused.With(WireError.TooManyVariables, () => variables.Load(protocol, ManyVariables(protocol, 101), 100));
        Assert.Equal(0, variables.Count);
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public void A_request_shows_nothing_of_the_one_before_in_whatever_protocol(string next)
    {
        foreach (var protocol in RequestHead.Protocols)
        {
            var variables = new CgiVariables();
            variables.Load(protocol, new(RequestHead.BlockOf(protocol, ("REMOTE_USER", "root"), ("HTTPS", "on"), ("P", new string('p', 6000)))), 10);
            variables.Load(next, new(RequestHead.BlockOf(next, ("REQUEST_URI", "/"))), 10);
            Assert.Equal(1, variables.Count);
            Assert.Equal("/"u8, variables[CgiVariable.RequestUri]);
            Assert.Equal(-1, variables.IndexOf("REMOTE_USER"u8));
            Assert.False(variables.Contains(CgiVariable.Https));
        }
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public void A_list_that_refused_its_request_is_empty(string protocol)
    {
        var variables = new CgiVariables();
        byte[] broken = [.. RequestHead.BlockOf(protocol, ("REMOTE_USER", "root"), ("CONTENT_LENGTH", "1"), ("CONTENT_LENGTH", "2")), 1];
        Assert.Throws<WireFormatException>(() => variables.Load(protocol, new(broken), 10));
        Assert.Equal((0, 0, false), (variables.Count, variables.Block.Length, variables.HasConflictingContentLength));
        Assert.Equal(-1, variables.IndexOf("REMOTE_USER"u8));
        Assert.False(variables.Contains(CgiVariable.ContentLength));
    }

    [Fact]
    public void Blocks_larger_than_a_packet_load_and_load_again()
    {
        var variables = new CgiVariables();
        foreach (var protocol in new[] { FrontEndCapture.FastCgi, FrontEndCapture.Scgi, FrontEndCapture.FastCgi })
        {
            variables.Load(protocol, new(RequestHead.BlockOf(protocol, ("LARGE", new string('v', 250_000)), ("HTTPS", "on"))), 2);
            Assert.Equal(250_000, variables.GetValue(0).Length);
            Assert.Equal("on"u8, variables[CgiVariable.Https]);
            Assert.False(variables.GetValue(0).ContainsAnyExcept((byte)'v'));
        }
    }

    private static ReadOnlySequence<byte> ManyVariables(string protocol, int count) =>
        new(RequestHead.BlockOf(protocol, [.. Enumerable.Range(0, count).Select(i => ($"V{i}", "v"))]));
}
