using System.Buffers;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

public sealed class FastCgiValuesTests
{
    private static readonly FastCgiValues Values = new(MaxConnections: 1000, MaxRequests: 20, MultiplexConnections: true);

    [Fact]
    public void Names_read_the_same_in_every_shape()
    {
        foreach (var (shape, bytes) in Segments.EveryShapeOf(FastCgiBytes.Pairs(("FCGI_MAX_REQS", ""), ("FCGI_MPXS_CONNS", ""))))
        {
            Assert.True((FastCgiValueNames.MaxRequests | FastCgiValueNames.MultiplexConnections) == FastCgiValues.ParseNames(bytes), shape);
        }
    }

    [Fact]
    public void Names_that_are_not_known_are_passed_over() => Assert.Equal(
        FastCgiValueNames.MaxConnections,
        FastCgiValues.ParseNames(new(FastCgiBytes.Pairs(
            ("FCGI_MAX_CONN", ""), ("fcgi_max_reqs", ""), ("FCGI_MPXS_CONNSX", ""), (new string('X', 3000), ""), ("FCGI_MAX_CONNS", "ignored")))));

    [Fact]
    public void No_content_asks_for_nothing() => Assert.Equal(FastCgiValueNames.None, FastCgiValues.ParseNames(default));

    [Fact]
    public void Values_read_the_same_in_every_shape()
    {
        foreach (var (shape, bytes) in Segments.EveryShapeOf(FastCgiBytes.Pairs(("FCGI_MAX_CONNS", "1000"), ("FCGI_MAX_REQS", "20"), ("FCGI_MPXS_CONNS", "1"))))
        {
            Assert.True(Values == FastCgiValues.Parse(bytes), shape);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1x")]
    [InlineData("x")]
    [InlineData("99999999999")]
    [InlineData("1000000000000000000000")]
    public void What_is_not_a_number_is_not_said(string value) =>
        Assert.Equal(default, FastCgiValues.Parse(new(FastCgiBytes.Pairs(("FCGI_MAX_CONNS", value), ("FCGI_MPXS_CONNS", value)))));

    [Theory]
    [InlineData("0", false)]
    [InlineData("1", true)]
    public void One_connection_carries_several_requests_or_one(string value, bool multiplexes) =>
        Assert.Equal(multiplexes, FastCgiValues.Parse(new(FastCgiBytes.Pairs(("FCGI_MPXS_CONNS", value)))).MultiplexConnections);

    [Fact]
    public void Malformed_pairs_are_refused_in_questions_and_in_answers()
    {
        foreach (var (_, block, error) in FastCgiNameValueReaderTests.Malformed.Select(row => ((string)row[0], (byte[])row[1], (WireError)row[2])))
        {
            foreach (var (shape, bytes) in Segments.EveryShapeOf([.. FastCgiBytes.Pair("FCGI_MAX_REQS", ""), .. block]))
            {
                Refused.With(error, () => FastCgiValues.ParseNames(bytes), shape);
                Refused.With(error, () => FastCgiValues.Parse(bytes), shape);
            }
        }
    }

    [Fact]
    public void Only_what_was_asked_for_is_answered()
    {
        Assert.Equal(Values, Values.Only(FastCgiValueNames.All));
        Assert.Equal(default, Values.Only(FastCgiValueNames.None));
        Assert.Equal(new FastCgiValues(null, 20, true), Values.Only(FastCgiValueNames.MaxRequests | FastCgiValueNames.MultiplexConnections));
    }

    [Fact]
    public void Questions_and_answers_are_written_as_the_specification_draws_them()
    {
        var names = FastCgiBytes.Pairs(("FCGI_MAX_REQS", ""), ("FCGI_MPXS_CONNS", ""));
        Assert.Equal(
            [.. FastCgiBytes.Header(9, 0, 32), .. names],
            Write(output => FastCgiRecordWriter.WriteGetValues(output, FastCgiValueNames.MaxRequests | FastCgiValueNames.MultiplexConnections)));

        var values = FastCgiBytes.Pairs(("FCGI_MAX_CONNS", "1000"), ("FCGI_MAX_REQS", "20"), ("FCGI_MPXS_CONNS", "1"));
        Assert.Equal(
            [.. FastCgiBytes.Header(10, 0, 55, 1), .. values, 0], Write(output => FastCgiRecordWriter.WriteGetValuesResult(output, Values)));
    }

    [Fact]
    public void An_answer_may_say_nothing() =>
        Assert.Equal(FastCgiBytes.Header(10, 0, 0), Write(output => FastCgiRecordWriter.WriteGetValuesResult(output, default)));

    [Fact]
    public void What_is_written_reads_back()
    {
        foreach (var values in new[] { Values, default, new(int.MaxValue, 0, false), new(null, 1, null) })
        {
            var buffer = new ReadOnlySequence<byte>(Write(output => FastCgiRecordWriter.WriteGetValuesResult(output, values)));
            Assert.True(FastCgiRecordReader.TryRead(ref buffer, out _, out var content));
            Assert.Equal(values, FastCgiValues.Parse(content));
        }

        for (var names = FastCgiValueNames.None; names <= FastCgiValueNames.All; names++)
        {
            var buffer = new ReadOnlySequence<byte>(Write(output => FastCgiRecordWriter.WriteGetValues(output, names)));
            Assert.True(FastCgiRecordReader.TryRead(ref buffer, out _, out var content));
            Assert.Equal(names, FastCgiValues.ParseNames(content));
        }
    }

    private static byte[] Write(Action<IBufferWriter<byte>> write)
    {
        var output = new StingyBufferWriter();
        write(output);
        return output.ToArray();
    }
}
