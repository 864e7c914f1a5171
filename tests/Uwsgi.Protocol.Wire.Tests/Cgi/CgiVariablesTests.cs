using System.Buffers;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

public sealed class CgiVariablesTests
{
    /// <summary>From a small list into a larger one's place and back: nothing of the earlier one stays.</summary>
    [Fact]
    public void A_copy_is_the_other_list_and_stays_so()
    {
        var small = RequestVariables.Of(("REQUEST_METHOD", "GET"), ("CONTENT_LENGTH", "1"), ("CONTENT_LENGTH", "2"));
        var large = RequestVariables.Of([.. Enumerable.Range(0, 100).Select(i => ($"X_{i}", new string('x', 100))), ("REQUEST_URI", "/large")]);
        var copy = new CgiVariables();
        foreach (var other in new[] { small, large, new CgiVariables(), small })
        {
            copy.Load(other);
            Assert.Equal(other.Count, copy.Count);
            Assert.Equal(other.HasConflictingContentLength, copy.HasConflictingContentLength);
            Assert.True(copy.Block.SequenceEqual(other.Block));
            foreach (var variable in Enum.GetValues<CgiVariable>())
            {
                Assert.Equal(other.Contains(variable), copy.Contains(variable));
                Assert.True(copy[variable].SequenceEqual(other[variable]));
            }

            for (var i = 0; i < other.Count; i++)
            {
                Assert.True(copy.GetName(i).SequenceEqual(other.GetName(i)));
                Assert.True(copy.GetValue(i).SequenceEqual(other.GetValue(i)));
            }
        }

        small.Clear();
        Assert.Equal("GET"u8, copy[CgiVariable.RequestMethod]);
    }

    [Fact]
    public void Variables_load_the_same_in_every_shape()
    {
        foreach (var (shape, bytes) in Segments.EveryShapeOf(WireBytes.Variables(("PATH_INFO", "/x"), ("X", ""), ("HTTPS", "on"))))
        {
            var variables = new CgiVariables();
            variables.LoadUwsgi(bytes, 3);
            Assert.True(variables.Count == 3, shape);
            Assert.Equal("PATH_INFO"u8, variables.GetName(0));
            Assert.Equal("/x"u8, variables.GetValue(0));
            Assert.Equal("X"u8, variables.GetName(1));
            Assert.True(variables.GetValue(1).IsEmpty);
            Assert.Equal("/x"u8, variables[CgiVariable.PathInfo]);
            Assert.Equal("on"u8, variables[CgiVariable.Https]);
        }
    }

    [Fact]
    public void The_last_of_a_repeated_variable_wins_and_all_are_kept()
    {
        var variables = RequestVariables.Of(
            ("SCRIPT_NAME", "/a b/c"), ("X", "1"), ("SCRIPT_NAME", "/app"), ("X", "2"), ("HTTP_HOST", "a"), ("HTTP_HOST", "b"));
        Assert.Equal("/app"u8, variables[CgiVariable.ScriptName]);
        Assert.Equal("b"u8, variables[CgiVariable.HttpHost]);
        Assert.Equal(3, variables.IndexOf("X"u8));
        Assert.Equal(6, variables.Count);
        Assert.Equal("/a b/c"u8, variables.GetValue(0));
    }

    [Fact]
    public void A_repeated_variable_may_be_emptied_by_the_last()
    {
        var variables = RequestVariables.Of(("HTTPS", "on"), ("HTTPS", ""));
        Assert.True(variables.Contains(CgiVariable.Https));
        Assert.True(variables[CgiVariable.Https].IsEmpty);
    }

    [Fact]
    public void Empty_and_absent_are_two_things()
    {
        var variables = RequestVariables.Of(("QUERY_STRING", ""));
        Assert.True(variables.Contains(CgiVariable.QueryString));
        Assert.False(variables.Contains(CgiVariable.PathInfo));
        Assert.True(variables[CgiVariable.QueryString].IsEmpty);
        Assert.True(variables[CgiVariable.PathInfo].IsEmpty);
    }

    [Fact]
    public void Other_is_never_a_variable()
    {
        var variables = RequestVariables.Of(("X", "1"));
        Assert.False(variables.Contains(CgiVariable.Other));
        Assert.True(variables[CgiVariable.Other].IsEmpty);
    }

    [Theory]
    [InlineData(false, "5")]
    [InlineData(false, "5", "5")]
    [InlineData(false, "", "")]
    [InlineData(true, "5", "6")]
    [InlineData(true, "5", "05")]
    [InlineData(true, "", "5")]
    [InlineData(true, "5", "6", "5")]
    [InlineData(true, "5", "5", "6")]
    public void Different_content_lengths_conflict(bool conflict, params string[] lengths)
    {
        var variables = RequestVariables.Of([.. lengths.Select(length => ("CONTENT_LENGTH", length))]);
        Assert.Equal(conflict, variables.HasConflictingContentLength);
    }

    [Fact]
    public void A_clients_header_does_not_conflict_with_the_content_length() =>
        Assert.False(RequestVariables.Of(("CONTENT_LENGTH", "5"), ("HTTP_CONTENT_LENGTH", "6")).HasConflictingContentLength);

    [Fact]
    public void Clear_forgets_everything()
    {
        foreach (var padding in new[] { 0, 60_000 })
        {
            var variables = RequestVariables.Of(
                [.. Known.Select(known => (known.Name, "secret")), ("CONTENT_LENGTH", "1"), ("REMOTE_USER", "root"), ("P", new string('p', padding))]);
            Assert.True(variables.HasConflictingContentLength);

            variables.Clear();

            Assert.Equal(0, variables.Count);
            Assert.True(variables.Block.IsEmpty);
            Assert.False(variables.HasConflictingContentLength);
            Assert.Equal(-1, variables.IndexOf("REMOTE_USER"u8));
            Assert.All(Enum.GetValues<CgiVariable>(), variable =>
            {
                Assert.False(variables.Contains(variable));
                Assert.True(variables[variable].IsEmpty);
            });
            Assert.Throws<ArgumentOutOfRangeException>(() => variables.GetName(0).Length);
        }
    }

    [Fact]
    public void Loading_again_shows_nothing_of_the_request_before()
    {
        var variables = RequestVariables.Of(("REMOTE_USER", "root"), ("HTTPS", "on"), ("CONTENT_LENGTH", "1"), ("CONTENT_LENGTH", "2"));
        variables.LoadUwsgi(new ReadOnlySequence<byte>(WireBytes.Variables(("REQUEST_URI", "/"))), 10);

        Assert.Equal(1, variables.Count);
        Assert.Equal(-1, variables.IndexOf("REMOTE_USER"u8));
        Assert.False(variables.Contains(CgiVariable.Https));
        Assert.False(variables.HasConflictingContentLength);
        Assert.Throws<ArgumentOutOfRangeException>(() => variables.GetValue(1).Length);
    }

    [Fact]
    public void A_request_that_was_refused_leaves_nothing_in_the_next()
    {
        var variables = new CgiVariables();
        var broken = new ReadOnlySequence<byte>([.. WireBytes.Variable("REMOTE_USER", "root"), 1]);
        Refused.With(WireError.NameLengthTruncated, () => variables.LoadUwsgi(broken, 10));
        Assert.Equal(0, variables.Count);
        Assert.Equal(-1, variables.IndexOf("REMOTE_USER"u8));

        variables.LoadUwsgi(new ReadOnlySequence<byte>(WireBytes.Variable("X", "")), 10);
        Assert.Equal(1, variables.Count);
        Assert.Equal(-1, variables.IndexOf("REMOTE_USER"u8));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(60_000)]
    public void A_list_that_refused_its_request_is_empty(int padding)
    {
        var variables = new CgiVariables();
        byte[] data = [.. WireBytes.Variables(("HTTPS", "on"), ("CONTENT_LENGTH", "1"), ("CONTENT_LENGTH", "2"), ("P", new string('p', padding))), 0, 0];
        Refused.With(WireError.EmptyName, () => variables.LoadUwsgi(new ReadOnlySequence<byte>(data), 10));
        Refused.With(WireError.TooManyVariables, () => variables.LoadUwsgi(new ReadOnlySequence<byte>(data), 3));
        Assert.Equal((0, 0, false), (variables.Count, variables.Block.Length, variables.HasConflictingContentLength));
        Assert.All(Enum.GetValues<CgiVariable>(), variable => Assert.False(variables.Contains(variable)));
        Assert.All(Enum.GetValues<CgiVariable>(), variable => Assert.True(variables[variable].IsEmpty));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    public void Variables_below_or_at_the_limit_are_accepted(int difference)
    {
        var variables = new CgiVariables();
        variables.LoadUwsgi(ManyVariables(100 + difference), 100);
        Assert.Equal(100 + difference, variables.Count);
    }

    [Fact]
    public void One_variable_above_the_limit_is_refused() =>
        Refused.With(WireError.TooManyVariables, () => new CgiVariables().LoadUwsgi(ManyVariables(101), 100));

    [Theory]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(65534)]
    [InlineData(65535)]
    public void Blocks_of_every_size_load_and_load_again(int size)
    {
        var large = new ReadOnlySequence<byte>(WireBytes.VariableOfSize(size, "LARGE"));
        var small = new ReadOnlySequence<byte>(WireBytes.Variable("SMALL", "1"));
        var variables = new CgiVariables();
        for (var i = 0; i < 3; i++)
        {
            variables.LoadUwsgi(large, 1);
            Assert.Equal(size, variables.Block.Length);
            Assert.Equal(size - 9, variables.GetValue(0).Length);
            Assert.False(variables.GetValue(0).ContainsAnyExcept((byte)'v'));
            variables.LoadUwsgi(small, 1);
            Assert.Equal("SMALL"u8, variables.GetName(0));
        }
    }

    [Fact]
    public void The_most_variables_a_packet_can_hold_are_all_found()
    {
        // Five bytes each: two lengths and a name of one letter.
        var data = WireBytes.Concat([.. Enumerable.Range(0, 13107).Select(i => WireBytes.Variable([(byte)('A' + (i % 26))], []))]);
        var variables = new CgiVariables();
        variables.LoadUwsgi(new ReadOnlySequence<byte>(data), 13107);
        Assert.Equal(65535, data.Length);
        Assert.Equal(13107, variables.Count);
        Assert.Equal("C"u8, variables.GetName(13106));
    }

    private static IEnumerable<(CgiVariable Variable, string Name)> Known => CgiVariableNames.All;

    private static ReadOnlySequence<byte> ManyVariables(int count) =>
        new(WireBytes.Variables([.. Enumerable.Range(0, count).Select(i => ($"V{i}", "v"))]));
}
