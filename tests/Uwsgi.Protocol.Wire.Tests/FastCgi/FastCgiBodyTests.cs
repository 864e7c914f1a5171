using System.Buffers;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>The records with a content of eight bytes: begin, end and unknown type.</summary>
public sealed class FastCgiBodyTests
{
    [Fact]
    public void A_beginning_reads_the_same_in_every_shape()
    {
        foreach (var (shape, bytes) in Segments.EveryShapeOf([0x12, 0x34, 1, 9, 9, 9, 9, 9]))
        {
            Assert.True(new FastCgiBeginRequest((FastCgiRole)0x1234, KeepConnection: true) == FastCgiBeginRequest.Parse(bytes), shape);
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(0xFE, false)]
    [InlineData(0xFF, true)]
    public void Only_the_lowest_flag_keeps_the_connection(byte flags, bool keeps) =>
        Assert.Equal(keeps, FastCgiBeginRequest.Parse(new([0, 1, flags, 0, 0, 0, 0, 0])).KeepConnection);

    [Theory]
    [InlineData(FastCgiRole.Responder, false, new byte[] { 0, 1, 0, 0, 0, 0, 0, 0 })]
    [InlineData(FastCgiRole.Authorizer, true, new byte[] { 0, 2, 1, 0, 0, 0, 0, 0 })]
    [InlineData(FastCgiRole.Filter, true, new byte[] { 0, 3, 1, 0, 0, 0, 0, 0 })]
    [InlineData((FastCgiRole)0xFFFE, false, new byte[] { 0xFF, 0xFE, 0, 0, 0, 0, 0, 0 })]
    public void A_beginning_is_written_as_the_specification_draws_it(FastCgiRole role, bool keepConnection, byte[] expected)
    {
        var body = new FastCgiBeginRequest(role, keepConnection);
        Assert.Equal(expected, Written(body.WriteTo));
        Assert.Equal(body, FastCgiBeginRequest.Parse(new(expected)));
    }

    [Fact]
    public void An_end_reads_the_same_in_every_shape()
    {
        foreach (var (shape, bytes) in Segments.EveryShapeOf([0x89, 0xAB, 0xCD, 0xEF, 2, 9, 9, 9]))
        {
            Assert.True(new FastCgiEndRequest(0x89ABCDEF, FastCgiProtocolStatus.Overloaded) == FastCgiEndRequest.Parse(bytes), shape);
        }
    }

    [Theory]
    [InlineData(0u, FastCgiProtocolStatus.RequestComplete, new byte[] { 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(1u, FastCgiProtocolStatus.CannotMultiplex, new byte[] { 0, 0, 0, 1, 1, 0, 0, 0 })]
    [InlineData(0x01020304u, FastCgiProtocolStatus.Overloaded, new byte[] { 1, 2, 3, 4, 2, 0, 0, 0 })]
    [InlineData(uint.MaxValue, FastCgiProtocolStatus.UnknownRole, new byte[] { 255, 255, 255, 255, 3, 0, 0, 0 })]
    public void An_end_is_written_as_the_specification_draws_it(uint appStatus, FastCgiProtocolStatus status, byte[] expected)
    {
        var body = new FastCgiEndRequest(appStatus, status);
        Assert.Equal(expected, Written(body.WriteTo));
        Assert.Equal(body, FastCgiEndRequest.Parse(new(expected)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(12)]
    [InlineData(255)]
    public void An_unknown_type_is_written_as_the_specification_draws_it(byte type)
    {
        var body = new FastCgiUnknownType((FastCgiRecordType)type);
        Assert.Equal([type, 0, 0, 0, 0, 0, 0, 0], Written(body.WriteTo));
        foreach (var (shape, bytes) in Segments.EveryShapeOf([type, 0, 0, 0, 0, 0, 0, 0]))
        {
            Assert.True(body == FastCgiUnknownType.Parse(bytes), shape);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(9)]
    [InlineData(65535)]
    public void A_content_that_is_not_eight_bytes_long_is_refused(int length)
    {
        foreach (var content in new[] { new ReadOnlySequence<byte>(new byte[length]), Segments.SplitAt(new byte[length], length / 2) })
        {
            Refused.With(WireError.InvalidBeginRequest, () => FastCgiBeginRequest.Parse(content));
            Refused.With(WireError.InvalidEndRequest, () => FastCgiEndRequest.Parse(content));
            Refused.With(WireError.InvalidUnknownType, () => FastCgiUnknownType.Parse(content));
        }
    }

    private delegate void WriteTo(Span<byte> destination);

    private static byte[] Written(WriteTo write)
    {
        byte[] bytes = [.. Enumerable.Repeat((byte)0xCC, 8)];
        write(bytes);
        return bytes;
    }
}
