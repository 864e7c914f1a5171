using System.Text.RegularExpressions;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Contract;

public sealed partial class TestedTableTests
{
    [Fact]
    public void The_README_says_what_is_tested_and_with_which_versions()
    {
        var lines = RepositoryFiles.Read("README.md").Split('\n');
        var rows = lines.SkipWhile(line => line != TestedTable.Head).Skip(2).TakeWhile(line => line.StartsWith('|')).ToList();
        Assert.Equal(string.Join('\n', TestedTable.Rows()), string.Join('\n', rows.Select(row => Version().Replace(row, ""))));
        Assert.All(rows, row => Assert.Matches(Version(), row));
    }

    [Fact]
    public void Every_route_is_gone_by()
    {
        var tests = RepositoryFiles.Read("tests", "Uwsgi.Protocol.FunctionalTests", "Contract", $"{nameof(SameAppSameAnswersTests)}.cs");
        foreach (var route in typeof(RouteNames).GetFields().Select(field => field.Name).Where(name => !name.StartsWith(nameof(RouteNames.Kestrel), StringComparison.Ordinal)))
        {
            Assert.Contains($"CompareAsync(RouteNames.{route}, ", tests, StringComparison.Ordinal);
        }
    }

    [GeneratedRegex(@"(?<=^\| \w+) [\d.]+")]
    private static partial Regex Version();
}
