using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.Ini;

/// <summary>What stands in the place of names. Most of what is expected was seen with uWSGI 2.0.21.</summary>
public class IniPlaceholderTests
{
    [Theory]
    [InlineData("base = /srv\na = %(base)/app", "a=/srv/app")]
    [InlineData("a = %(base)/app\nbase = /srv", "a=/srv/app")]
    [InlineData("base = 1\nbase = 2\na = %(base)", "a=1")]
    [InlineData("a = %(b)%(b)\nb = %(c)\nc = x", "a=xx")]
    [InlineData("a = %(nope) $(INI_TESTS_NOPE)", "a=%(nope) $(INI_TESTS_NOPE)")]
    [InlineData("x = y\na = %(q%(x)", "a=%(qy")]
    [InlineData("a = %() %( ) ) %(x", "a=%() %( ) ) %(x")]
    [InlineData("set-ph = x=1\nset-placeholder = y=2\nset = z=3\na = %(x)%(y)%(z)", "a=123")]
    [InlineData("n = 10\na = %(n + 5)", "a=15")]
    [InlineData("n = 10\na = %(n n + 5)", "a=1015")]
    [InlineData("n = 10\na = %(n * 3 - 1) %(n ++) %(n --) %(7 / 2) %(n / 0)", "a=29 11 9 3 0")]
    [InlineData("n = 4 # four\na = %(n + 1) %(0x10 + 1) %(5 - 8) %(n +)", "a=5 1 -3 4 # four")]
    [InlineData("n = -9223372036854775808\na = %(n / -1) %(9223372036854775807 + 1) %(99999999999999999999 + 1)", "a=-9223372036854775808 -9223372036854775808 1")]
    public void A_name_in_parentheses_stands_for_a_value(string lines, string expected) =>
        Assert.Contains(expected, Inis.Read(lines));

    [Fact]
    public void The_environment_and_files_come_before_options()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("one.txt", "%(name)\n\n");
        Environment.SetEnvironmentVariable("INI_TESTS_FILE", directory["one.txt"]);
        Assert.Equal(["name=x", "a=[x\n]"], Inis.Read("name = x\na = [@($(INI_TESTS_FILE))]"));
    }

    [Theory]
    [InlineData("a = %(a)x", "main.ini:2: 'a' is made of itself")]
    [InlineData("a = 1\nb = %(c)\nc = %(d)\nd = %(b)", "is made of itself")]
    [InlineData("a = @(/nowhere/at/all)", "main.ini:2: '/nowhere/at/all' cannot be read")]
    [InlineData("a = @(/tmp)", "main.ini:2: '/tmp' cannot be read")]
    [InlineData("set-ph = x", "main.ini:2: set-ph = x: name=value is expected.")]
    public void What_cannot_be_is_an_error_with_its_line(string lines, string error) =>
        Assert.Contains(error, Inis.ErrorOf(lines), StringComparison.Ordinal);

    [Theory]
    [InlineData("exec://touch {0}")]
    [InlineData("http://127.0.0.1:1/")]
    [InlineData("call://system")]
    [InlineData("callint://getpid")]
    [InlineData("sym://environ")]
    [InlineData("data://0")]
    [InlineData("section://x")]
    [InlineData("fd://0")]
    [InlineData("emperor://0")]
    public void Nothing_is_run_or_fetched_for_a_value(string source)
    {
        using var directory = new TemporaryDirectory();
        source = source.Replace("{0}", directory["proof"], StringComparison.Ordinal);
        foreach (var line in (string[])[$"a = @({source})", $"include = {source}", $"ini = {source}", $"inherit = {source}", $"for-readline = {source}\nend"])
        {
            Assert.Contains($"main.ini:2: '{source}' is refused", Inis.ErrorOf(line), StringComparison.Ordinal);
        }

        Assert.False(File.Exists(directory["proof"]));
    }

    [Fact]
    public void Values_that_multiply_each_other_end()
    {
        var lines = "a0 = xxxxxxxxxx\n" + string.Concat(Enumerable.Range(1, 60).Select(i => $"a{i} = %(a{i - 1})%(a{i - 1})\n"));
        Assert.Contains("too long", Inis.ErrorOf(lines), StringComparison.Ordinal);
    }

    [Fact]
    public void Values_of_each_other_are_followed_64_deep_and_no_further()
    {
        static string Chain(int length) => string.Concat(Enumerable.Range(1, length - 1).Select(i => $"a{i} = %(a{i + 1})\n")) + $"a{length} = x\n";
        Assert.Contains("a1=x", Inis.Read(Chain(64)));
        Assert.Contains("more than 64", Inis.ErrorOf(Chain(65)), StringComparison.Ordinal);
    }
}
