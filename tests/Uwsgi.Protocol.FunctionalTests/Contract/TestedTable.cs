using System.Reflection;
using System.Text.RegularExpressions;

namespace Uwsgi.Protocol.FunctionalTests.Contract;

/// <summary>The README's table of front ends and protocols, made of the names of the routes.</summary>
internal static partial class TestedTable
{
    public const string Head = "| front end | uwsgi | SCGI | FastCGI |";

    private static readonly string[] Protocols = ["uwsgi", "scgi", "fastcgi"];

    public static IEnumerable<string> Rows() =>
        from route in Routes()
        group route by route.FrontEnd into frontEnd
        select $"| {frontEnd.Key} | {string.Join(" | ", Protocols.Select(protocol => Cell(frontEnd.Where(route => route.Protocol == protocol))))} |";

    private static string Cell(IEnumerable<(string FrontEnd, string Protocol, string[] Ways)> routes) =>
        string.Join(", ", routes.SelectMany(route => route.Ways).Distinct()) is { Length: > 0 } ways ? ways : "speaks none";

    // proxy_pass is there to compare with; what is direct has no front end.
    private static IEnumerable<(string FrontEnd, string Protocol, string[] Ways)> Routes() =>
        from field in typeof(RouteNames).GetFields(BindingFlags.Public | BindingFlags.Static)
        let name = (string)field.GetRawConstantValue()!
        where !name.Contains("direct", StringComparison.Ordinal) && !name.Contains("proxy_pass", StringComparison.Ordinal)
        select Parse(name);

    private static (string FrontEnd, string Protocol, string[] Ways) Parse(string route)
    {
        var name = Name().Match(route);
        Assert.True(name.Success, $"Name it as the others are, front end first: {route}");
        var protocol = FastCgi().IsMatch(route) ? "fastcgi" : Protocols.First(protocol => route.Contains(protocol, StringComparison.OrdinalIgnoreCase));
        var ways = name.Groups["way"].Captures.Select(capture => capture.Value).ToArray();
        return (name.Groups["frontEnd"].Value, protocol, ways.Length > 0 ? ways : [name.Groups["module"].Value]);
    }

    // nginx uwsgi_pass TCP, unbuffered; one port, nginx uwsgi_pass; uWSGI http router TCP
    [GeneratedRegex(@"^(?:(?<way>one port), )?(?<frontEnd>\w+)(?= (?<module>[^,]*))(?: [^ ,]+)*?(?: (?<way>TCP|unix))?(?:, (?<way>[^,]+))*$")]
    private static partial Regex Name();

    [GeneratedRegex("f(ast)?cgi", RegexOptions.IgnoreCase)]
    private static partial Regex FastCgi();
}
