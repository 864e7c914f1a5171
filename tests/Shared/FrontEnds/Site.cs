using System.Net;
using System.Text.RegularExpressions;

namespace Uwsgi.Protocol.Testing;

/// <summary>
/// One of the documentation's ready configurations, with the documented addresses replaced by a test's own:
/// port 8080 is where the front end listens, 3031, 4000, 9000, /run/app.sock and 5000 are where the app does, /etc/ssl/app is where the certificates are.
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

    public Uri Address => new($"{(Certificates is null ? "http" : "https")}://127.0.0.1:{Port}/");

    /// <summary>What the front end shows its clients; none without TLS.</summary>
    public CertificateDirectory? Certificates { get; private set; }

    /// <summary>The HTTP that its clients speak.</summary>
    public Version ClientVersion { get; private set; } = HttpVersion.Version11;

    public Site With(string documented, string actual)
    {
        _replacements.Add(documented, actual);
        return this;
    }

    public Site WithTls(CertificateDirectory certificates)
    {
        Certificates = certificates;
        return With("/etc/ssl/app", certificates.FullPath);
    }

    public Site WithHttp2(CertificateDirectory certificates)
    {
        ClientVersion = HttpVersion.Version20;
        return WithTls(certificates);
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
