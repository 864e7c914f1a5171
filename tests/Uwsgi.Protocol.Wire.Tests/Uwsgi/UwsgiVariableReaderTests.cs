using System.Buffers;
using System.Text;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

public sealed class UwsgiVariableReaderTests
{
    /// <summary>Malformed data, each kind with its own error. Two good bytes in front would not change a thing.</summary>
    public static TheoryData<string, byte[], WireError> Malformed => new()
    {
        { "one stray byte", [1], WireError.NameLengthTruncated },
        { "a name length and nothing", [1, 0], WireError.NameTruncated },
        { "an empty name, nothing else", [0, 0], WireError.EmptyName },
        { "an empty name with a value", WireBytes.Variable("", "v"), WireError.EmptyName },
        { "an empty name with an empty value", WireBytes.Variable("", ""), WireError.EmptyName },
        { "a name one byte short", [2, 0, (byte)'A'], WireError.NameTruncated },
        { "a name of 65,535 bytes that are not there", [0xFF, 0xFF, (byte)'A', 0, 0], WireError.NameTruncated },
        { "a name whose length is big endian", [0, 1, (byte)'A', 0, 0], WireError.NameTruncated },
        { "a name and nothing", [1, 0, (byte)'A'], WireError.ValueLengthTruncated },
        { "a name and half a length", [1, 0, (byte)'A', 0], WireError.ValueLengthTruncated },
        { "a value length and nothing", [1, 0, (byte)'A', 1, 0], WireError.ValueTruncated },
        { "a value one byte short", [1, 0, (byte)'A', 2, 0, (byte)'v'], WireError.ValueTruncated },
        { "a value of 65,535 bytes that are not there", [1, 0, (byte)'A', 0xFF, 0xFF, (byte)'v'], WireError.ValueTruncated },
        { "name and value of 65,535 bytes", [0xFF, 0xFF, 0xFF, 0xFF], WireError.NameTruncated },
    };

    [Fact]
    public void Variables_read_the_same_in_every_shape()
    {
        var data = WireBytes.Variables(("A", "1"), ("EMPTY", ""), ("A", "2"), ("LAST", ""));
        foreach (var (shape, bytes) in Segments.EveryShapeOf(data))
        {
            Assert.True("A=1;EMPTY=;A=2;LAST=;" == ReadAll(data, bytes), shape);
        }
    }

    [Fact]
    public void No_data_is_no_variables()
    {
        foreach (var bytes in new[] { ReadOnlySequence<byte>.Empty, Segments.Of([], []), Segments.Of() })
        {
            var reader = new UwsgiVariableReader(bytes);
            Assert.False(reader.TryRead(out _));
            Assert.False(reader.TryRead(out _));
        }
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Malformed_data_is_told_apart(string what, byte[] data, WireError error) =>
        Refused.With(error, () => ReadAllOf(data), what);

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Malformed_data_is_told_apart_in_every_shape(string what, byte[] data, WireError error)
    {
        foreach (var (shape, bytes) in Segments.EveryShapeOf(data))
        {
            Refused.With(error, () => ReadAll(data, bytes), $"{what}, {shape}");
        }
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Malformed_data_is_told_apart_behind_good_variables_too(string what, byte[] data, WireError error)
    {
        byte[] all = [.. WireBytes.Variables(("A", "1"), ("B", "")), .. data];
        foreach (var (shape, bytes) in Segments.EveryShapeOf(all))
        {
            Refused.With(error, () => ReadAll(all, bytes), $"{what}, {shape}");
        }
    }

    [Fact]
    public void Data_cut_anywhere_but_between_variables_is_malformed()
    {
        var data = WireBytes.Variables(("NAME", "value"), ("B", "2"));
        var ends = new[] { 0, WireBytes.Variable("NAME", "value").Length };
        foreach (var prefix in Segments.EveryProperPrefixOf(data))
        {
            if (ends.Contains(prefix.Length))
            {
                ReadAllOf(prefix);
            }
            else
            {
                Assert.Throws<WireFormatException>(() => ReadAllOf(prefix));
            }
        }
    }

    [Theory]
    [InlineData(65534)]
    [InlineData(65535)]
    public void A_variable_may_end_exactly_on_the_edge_of_the_largest_packet(int size)
    {
        var data = WireBytes.Concat(WireBytes.Variable("A", "1"), WireBytes.VariableOfSize(size - 6, "EDGE"));
        Assert.Equal(size, data.Length);
        foreach (var bytes in new[] { new ReadOnlySequence<byte>(data), Segments.SplitAt(data, 9), Segments.SplitAt(data, size - 1) })
        {
            var reader = new UwsgiVariableReader(bytes);
            Assert.True(reader.TryRead(out _));
            Assert.True(reader.TryRead(out var edge));
            Assert.Equal(size, edge.ValueStart + edge.ValueLength);
            Assert.False(reader.TryRead(out _));
        }
    }

    [Theory]
    [InlineData(65534)]
    [InlineData(65535)]
    public void A_variable_that_ends_one_byte_past_the_edge_is_refused(int size)
    {
        var data = WireBytes.VariableOfSize(size + 1, "EDGE")[..size];
        Refused.With(WireError.ValueTruncated, () => ReadAllOf(data));
        Refused.With(WireError.ValueTruncated, () => ReadAll(data, Segments.SplitAt(data, 7)));
    }

    [Fact]
    public void A_name_may_fill_the_largest_packet()
    {
        var data = WireBytes.Variable(new byte[65531], []);
        var reader = new UwsgiVariableReader(data);
        Assert.True(reader.TryRead(out var variable));
        Assert.Equal(new VariableRange(2, 65531, 65535, 0), variable);
        Assert.False(reader.TryRead(out _));
    }

    [Fact]
    public void Lies_about_lengths_allocate_nothing_but_the_exception()
    {
        byte[] data = [1, 0, (byte)'A', 0xFF, 0xFF];
        Assert.Throws<WireFormatException>(() => ReadAllOf(data));

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<WireFormatException>(() => ReadAllOf(data));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 * 1024);
    }

    private static void ReadAllOf(byte[] data)
    {
        var reader = new UwsgiVariableReader(data);
        while (reader.TryRead(out _))
        {
        }
    }

    private static string ReadAll(byte[] data, in ReadOnlySequence<byte> bytes)
    {
        var text = new StringBuilder();
        var reader = new UwsgiVariableReader(bytes);
        while (reader.TryRead(out var variable))
        {
            text.Append(Encoding.ASCII.GetString(data, variable.NameStart, variable.NameLength)).Append('=')
                .Append(Encoding.ASCII.GetString(data, variable.ValueStart, variable.ValueLength)).Append(';');
        }

        return text.ToString();
    }
}
