using System.Text.RegularExpressions;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>The path and query that an app sees are those that the client wrote, behind every front end.</summary>
public sealed class CapturedTargetTests
{
    /// <summary>Where the query is not the client's, and why that is right.</summary>
    private static readonly Dictionary<string, string> OtherQueries = new()
    {
        // The front end's rewrite adds to QUERY_STRING, which is why that beats REQUEST_URI.
        ["nginx/uwsgi/q-mount_rw_root"] = "?added=1",
        ["nginx/uwsgi/q-mount_rw_sub"] = "?added=1&x=1",
        ["nginx/uwsgi/q-mount_rw_enc"] = "?added=1&x=%2F",

        // lighttpd percent-encodes raw UTF-8 in QUERY_STRING.
        ["lighttpd/uwsgi/q-target__utf8raw"] = "?z=%C3%A9",
        ["lighttpd/uwsgi/q-alt__utf8raw"] = "?z=%C3%A9",
    };

    /// <summary>Captures that nothing can be compared with, and why.</summary>
    private static readonly Dictionary<string, string> Incomparable = new()
    {
        ["nginx/uwsgi/q-target__long"] = "the note of the request is abridged",
        ["lighttpd/uwsgi/q-target__long"] = "the note of the request is abridged",
        ["nginx/uwsgi/q-mount_ustr_root"] = "uwsgi_string: a packet without variables",
        ["nginx/uwsgi/q-mount_ustr_sub"] = "uwsgi_string: a packet without variables",
        ["nginx/uwsgi/q-mount_ustr_enc"] = "uwsgi_string: a packet without variables",
        ["apache/uwsgi/q-method__connect"] = "CONNECT has an authority and no path",
    };

    /// <summary>The captures of mounts that the front end proves. Everything else has no base path.</summary>
    private static readonly (string Prefix, string PathBase)[] Mounts =
    [
        ("nginx/uwsgi/q-mount_app_", "/app"),
        ("nginx/uwsgi/q-mount_app30_", "/app30"),
        ("apache/uwsgi/q-mount_foo_", "/foo"),
        ("apache/uwsgi/q-mount_foo2_", "/foo2"),

        // Apache's SetHandler sends garbage; for this one request it happens to add up.
        ("apache/uwsgi/q-mount_sh_x.php_root", "/sh/x.php"),
    ];

    public static TheoryData<string> Requests =>
        [.. All.Where(capture => capture.Request is not null && !Incomparable.ContainsKey(capture.Name)).Select(capture => capture.Name)];

    public static TheoryData<string> DefaultRoutes =>
        [.. All.Where(IsDefaultRoute).Select(capture => capture.Name)];

    [Fact]
    public void Every_exception_is_of_a_capture_that_is_there() =>
        Assert.All([.. OtherQueries.Keys, .. Incomparable.Keys], name => FrontEndCapture.Get(name));

    [Theory]
    [MemberData(nameof(Requests))]
    public void Base_path_and_path_and_query_are_the_clients(string name)
    {
        var capture = FrontEndCapture.Get(name);
        var expected = ClientRequestTarget.Of(capture.Request!);
        var target = Parse(capture);
        Assert.Equal(expected.Path, target.PathBase + target.Path);
        Assert.Equal(OtherQueries.GetValueOrDefault(name, expected.QueryString), target.QueryString);
    }

    [Theory]
    [MemberData(nameof(DefaultRoutes))]
    public void The_default_route_has_no_base_path(string name)
    {
        var target = Parse(FrontEndCapture.Get(name));
        Assert.Equal("", target.PathBase);
        Assert.NotEmpty(target.RawTarget);
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void Only_a_proven_mount_is_a_base_path(string name)
    {
        var capture = FrontEndCapture.Get(name);
        var pathBase = Parse(capture).PathBase;
        var mount = Mounts.FirstOrDefault(mount => name.StartsWith(mount.Prefix, StringComparison.Ordinal));
        Assert.Equal(IsBelow(capture, mount.PathBase) ? mount.PathBase : "", pathBase);
    }

    [Fact]
    public void CONNECT_is_an_authority() =>
        Assert.Equal(new CgiTarget("example.com:443", "", "", ""), Parse(FrontEndCapture.Get("apache/uwsgi/q-method__connect")));

    [Fact]
    public void A_packet_without_variables_is_the_root() =>
        Assert.Equal(new CgiTarget("/", "", "/", ""), Parse(FrontEndCapture.Get("nginx/uwsgi/q-mount_ustr_sub")));

    private static IEnumerable<FrontEndCapture> All => FrontEndCapture.All.Where(capture => capture.Requests.Count != 0);

    private static bool IsDefaultRoute(FrontEndCapture capture) =>
        Regex.IsMatch(capture.Config, "default route|alt port|^(route )?/ |^route /$");

    private static bool IsBelow(FrontEndCapture capture, string? pathBase) =>
        pathBase is not null && ClientRequestTarget.Of(capture.Request!).Path.StartsWith(pathBase + "/", StringComparison.Ordinal);

    private static CgiTarget Parse(FrontEndCapture capture) => CgiTarget.Parse(CapturedVariables.Of(capture));
}
