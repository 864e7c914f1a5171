using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.Ini;

/// <summary>What the README and docs show of a uwsgi.ini sets an app up.</summary>
public partial class DocumentedFileTests
{
    [Theory]
    [InlineData("README.md")]
    [InlineData("docs/uwsgi-ini.md")]
    public void A_file_that_is_shown_is_one(string page)
    {
        using var directory = new TemporaryDirectory();
        var files = Shown().Matches(File.ReadAllText(RepositoryPath.Of(page)));
        Assert.NotEmpty(files);
        foreach (var text in files.Select(static match => match.Groups[1].Value))
        {
            var builder = WebApplication.CreateBuilder();
            using var configuration = builder.Configuration;
            configuration.AddUwsgiIni(directory.Write("uwsgi.ini", text));
            builder.WebHost.UseUwsgiProtocol(configuration);
        }
    }

    [GeneratedRegex(@"```ini\n(\[uwsgi\]\n.*?)```", RegexOptions.Singleline)]
    private static partial Regex Shown();
}
