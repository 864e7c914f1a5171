using System.Text.RegularExpressions;

namespace Uwsgi.Protocol.Testing;

/// <summary>
/// One of the documentation's ready configurations, with the documented addresses replaced by a test's own:
/// port 8080 is where the front end listens, 3031, 4000, 9000, /run/app.sock and 5000 are where the app does.
/// </summary>
public sealed class Site
{
    private readonly string[] _file;
    private readonly Dictionary<string, string> _replacements;

    public Site(string frontEnd, string file, string documented, string actual)
    {
        _file = ["docs", "front-ends", frontEnd, file];
        _replacements = new() { ["8080"] = $"{Port}", [documented] = actual };
    }

    public int Port { get; } = FreePort.Next();

    public Uri Address => new($"http://127.0.0.1:{Port}/");

    public Site With(string documented, string actual)
    {
        _replacements.Add(documented, actual);
        return this;
    }

    public string Text()
    {
        var text = RepositoryFiles.Read(_file);
        foreach (var documented in _replacements.Keys)
        {
            if (!text.Contains(documented, StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"{string.Join('/', _file)} does not mention {documented}.");
            }
        }

        return Regex.Replace(text, string.Join('|', _replacements.Keys.Select(Regex.Escape)), documented => _replacements[documented.Value]);
    }
}
