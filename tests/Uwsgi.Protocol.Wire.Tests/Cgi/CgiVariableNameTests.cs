namespace Uwsgi.Protocol.Wire.Tests;

public sealed class CgiVariableNameTests
{
    [Fact]
    public void Every_member_has_a_wire_name_here() =>
        Assert.Equal(
            Enum.GetValues<CgiVariable>().Except([CgiVariable.Other]).Order(),
            CgiVariableNames.All.Select(known => known.Variable).Order());

    [Fact]
    public void Every_wire_name_is_its_own_member_and_no_other()
    {
        foreach (var (variable, name) in CgiVariableNames.All)
        {
            Assert.Equal([variable], Identify(name));
        }
    }

    [Fact]
    public void A_near_miss_is_no_member()
    {
        var known = CgiVariableNames.All.Select(entry => entry.Name).ToHashSet();
        foreach (var miss in known.SelectMany(NearMissesOf).Where(miss => !known.Contains(miss)))
        {
            Assert.True(Identify(miss).Count == 0, miss);
        }
    }

    [Theory]
    [InlineData("HTTP_REMOTE_ADDR")]
    [InlineData("HTTP_REMOTE_USER")]
    [InlineData("HTTP_HTTPS")]
    [InlineData("HTTP_REQUEST_METHOD")]
    [InlineData("HTTP_CONTENT_LENGTH")]
    [InlineData("HTTP_CONTENT_TYPE")]
    [InlineData("HTTP_PROXY")]
    [InlineData("HTTP_")]
    public void A_clients_header_is_never_a_variable_of_the_front_end(string name) => Assert.Empty(Identify(name));

    private static List<CgiVariable> Identify(string name)
    {
        var variables = RequestVariables.Of((name, "v"));
        return [.. Enum.GetValues<CgiVariable>().Where(variables.Contains)];
    }

    private static IEnumerable<string> NearMissesOf(string name)
    {
        yield return name.ToLowerInvariant();
        yield return name[..^1];
        yield return name[1..];
        yield return name + "_";
        yield return name + "\0";
        yield return " " + name;
        yield return "HTTP_" + name;
        for (var i = 0; i < name.Length; i++)
        {
            foreach (var c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-abcdefghijklmnopqrstuvwxyz\0")
            {
                if (name[i] != c)
                {
                    yield return string.Concat(name.AsSpan(0, i), [c], name.AsSpan(i + 1));
                }
            }
        }
    }
}
