using System.Text.RegularExpressions;

namespace Uwsgi.Protocol.PublicApi.Tests;

/// <summary>What the README and the pages under docs show is what is compiled, and what nginx runs.</summary>
public partial class DocumentationTests
{
    public static TheoryData<string> Pages =>
        [.. new[] { "README.md", "CONTRIBUTING.md", "samples/README.md" }
            .Concat(Repository.Find("docs", "*.md").Select(path => Path.GetRelativePath(Repository.Root, path)).Order(StringComparer.Ordinal))];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_program_is_compiled(string page)
    {
        string[] compiled = [Repository.Read("samples/HelloUwsgi/Program.cs"), Repository.Read("tests/Uwsgi.Protocol.PublicApi.Tests/Snippets.cs")];
        foreach (var block in Blocks(page, "csharp"))
        {
            Assert.True(compiled.Any(code => Lines(code).Contains(Lines(block), StringComparison.Ordinal)), $"In no compiled file:\n{block}");
        }
    }

    [Fact]
    public void The_first_program_is_the_sample() =>
        Assert.Equal(Lines(Repository.Read("samples/HelloUwsgi/Program.cs")), Lines(Blocks("README.md", "csharp").First()));

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_uwsgi_or_scgi_configuration_is_one_that_the_tests_run(string page)
    {
        var tested = Repository.Find("docs/front-ends", "*.conf").Select(path => Directives(File.ReadAllText(path))).ToList();
        foreach (var block in Blocks(page, "nginx").Where(block => block.Contains("uwsgi_pass", StringComparison.Ordinal) || block.Contains("scgi_pass", StringComparison.Ordinal)))
        {
            Assert.True(tested.Exists(file => file.Contains(Directives(block), StringComparison.Ordinal)), $"In no tested file:\n{block}");
        }
    }

    [NginxTheory]
    [MemberData(nameof(Pages))]
    public async Task Every_nginx_configuration_is_one(string page)
    {
        foreach (var block in Blocks(page, "nginx"))
        {
            await NginxSyntax.CheckAsync(block);
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_command_names_something_that_is_there(string page)
    {
        var commands = Blocks(page, "sh").SelectMany(block => block.Split('\n')).Where(line => line.Length > 0 && line[0] != '#')
            .Concat(InlineCommand().Matches(Repository.Read(page)).Select(match => match.Groups[1].Value));
        foreach (var command in commands)
        {
            foreach (var path in command.Split(' ').Where(word => RepositoryPath().IsMatch(word)))
            {
                Assert.True(Path.Exists(Repository.PathOf(path)), $"{path} is not there: {command}");
            }

            var program = command.Split(' ').First(word => !word.Contains('=', StringComparison.Ordinal));
            Assert.True(program is "dotnet" or "curl" or "sudo" or "bash" or "systemctl" or "git" || Path.Exists(Repository.PathOf(program)), $"Unknown: {command}");
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_inside_the_repository_leads_somewhere(string page)
    {
        foreach (var link in Link().Matches(Repository.Read(page)).Select(match => match.Groups[1].Value).Where(link => !link.Contains("://", StringComparison.Ordinal)))
        {
            var path = Path.Combine(Path.GetDirectoryName(Repository.PathOf(page))!, link.Split('#')[0]);
            Assert.True(link.StartsWith('#') || Path.Exists(path), $"{page} links to {link}");
        }
    }

    private static IEnumerable<string> Blocks(string page, string language) =>
        Fence().Matches(Repository.Read(page)).Where(match => match.Groups[1].Value == language).Select(match => match.Groups[2].Value);

    private static string Lines(string code) => string.Join('\n', code.Trim().Split('\n').Select(line => line.Trim()));

    private static string Directives(string configuration) =>
        string.Join(' ', configuration.Split('\n').Select(line => line.Split('#')[0]).SelectMany(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));

    [GeneratedRegex(@"^```(\w+)\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^(samples|tests|src|benchmarks|docs|\.ci)/")]
    private static partial Regex RepositoryPath();

    [GeneratedRegex(@"`((?:dotnet|UPDATE_API=1|samples/|tests/|\.ci/)[^`\n]*)`")]
    private static partial Regex InlineCommand();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();
}
