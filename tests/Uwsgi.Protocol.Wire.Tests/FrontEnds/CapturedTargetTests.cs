using System.Text.RegularExpressions;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>The path and query that an app sees are those that the client wrote, behind every front end.</summary>
public sealed class CapturedTargetTests
{
    /// <summary>Where the query is not the client's, in every protocol, and why that is right.</summary>
    private static readonly Dictionary<string, string> OtherQueries = new()
    {
        // The front end's rewrite adds to QUERY_STRING, which is why that beats REQUEST_URI.
        ["nginx/q-mount_rw_root"] = "?added=1",
        ["nginx/q-mount_rw_sub"] = "?added=1&x=1",
        ["nginx/q-mount_rw_enc"] = "?added=1&x=%2F",
        ["apache/q-mount_rw_root"] = "?added=1",
        ["apache/q-mount_rw_sub"] = "?added=1&x=1",

        // lighttpd percent-encodes raw UTF-8 in QUERY_STRING.
        ["lighttpd/q-target__utf8raw"] = "?z=%C3%A9",
        ["lighttpd/q-alt__utf8raw"] = "?z=%C3%A9",
    };

    /// <summary>Captures that nothing can be compared with, in every protocol, and why.</summary>
    private static readonly Dictionary<string, string> Incomparable = new()
    {
        ["nginx/q-target__long"] = "the note of the request is abridged",
        ["lighttpd/q-target__long"] = "the note of the request is abridged",
        ["haproxy/q-target__long"] = "the note of the request is abridged",
        ["nginx/q-mount_ustr_root"] = "uwsgi_string: a packet without variables",
        ["nginx/q-mount_ustr_sub"] = "uwsgi_string: a packet without variables",
        ["nginx/q-mount_ustr_enc"] = "uwsgi_string: a packet without variables",
        ["apache/q-method__connect"] = "CONNECT has an authority and no path",
        ["haproxy/q-target__pct00"] = "a NUL, passed on and refused here",
        ["haproxy/q-alt__pct00"] = "a NUL, passed on and refused here",
        ["haproxy/q-target__pctbad"] = "taken back before any variable was sent",
        ["haproxy/q-alt__pctbad"] = "taken back before any variable was sent",
        ["haproxy/q-method__connect"] = "taken back before any variable was sent",
        ["haproxy/q-method__options-star"] = "taken back before any variable was sent",
    };

    /// <summary>The captures of mounts that the front end proves. Everything else has no base path.</summary>
    private static readonly (string Prefix, string PathBase)[] Mounts =
    [
        ("nginx/uwsgi/q-mount_app_", "/app"),
        ("nginx/uwsgi/q-mount_app30_", "/app30"),
        ("nginx/scgi/q-mount_app_", "/app"),
        ("nginx/fastcgi/q-mount_app_", "/app"),
        ("apache/uwsgi/q-mount_foo_", "/foo"),
        ("apache/uwsgi/q-mount_foo2_", "/foo2"),
        ("apache/fastcgi/q-mount_snfix_root", "/snfix"),

        // fastcgi_split_path_info, with SCRIPT_NAME and PATH_INFO of its making.
        ("nginx/fastcgi/q-mount_spi_", "/spi"),
        ("nginx/fastcgi/q-mount_php_info.php_", "/php/info.php"),

        // Not "_enc": HAProxy's PATH_INFO still has the dot segments, and is the rest of no path.
        ("haproxy/fastcgi/q-mount_app_root", "/app"),
        ("haproxy/fastcgi/q-mount_app_sub", "/app"),
        ("haproxy/fastcgi/q-mount_php_info.php_root", "/php/info.php"),
        ("haproxy/fastcgi/q-mount_php_info.php_sub", "/php/info.php"),

        // Apache's SetHandler looks for files, and what it finds becomes SCRIPT_NAME; for these requests it adds up to a mount.
        ("apache/uwsgi/q-mount_sh_x.php_root", "/sh/x.php"),
        ("apache/fastcgi/q-mount_sh_x.php_root", "/sh/x.php"),
        ("apache/fastcgi/q-mount_sh_x.php_sub", "/sh/x.php"),
        ("apache/fastcgi/q-mount_sh_sub", "/sh/a b"),
        ("apache/scgi/q-mount_sh_x.php_root", "/sh/x.php"),
        ("apache/scgi/q-mount_sh_x.php_sub", "/sh/x.php"),
        ("apache/scgi/q-mount_sh_sub", "/sh/a b"),
    ];

    public static TheoryData<string> Requests =>
        [.. All.Where(capture => capture.Request is not null && !Incomparable.ContainsKey(WithoutProtocol(capture.Name))).Select(capture => capture.Name)];

    public static TheoryData<string> DefaultRoutes =>
        [.. All.Where(IsDefaultRoute).Select(capture => capture.Name)];

    [Fact]
    public void Every_exception_is_of_a_capture_that_is_there() =>
        Assert.Empty(OtherQueries.Keys.Concat(Incomparable.Keys).Except(All.Select(capture => WithoutProtocol(capture.Name))));

    [Fact]
    public void Every_mount_is_of_a_capture_that_is_there() =>
        Assert.All(Mounts, mount => Assert.Contains(All, capture => capture.Name.StartsWith(mount.Prefix, StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Requests))]
    public void Base_path_and_path_and_query_are_the_clients(string name)
    {
        var capture = FrontEndCapture.Get(name);
        var expected = ClientRequestTarget.Of(capture.Request!);
        var target = Parse(capture);
        Assert.Equal(expected.Path, target.PathBase + target.Path);
        Assert.Equal(OtherQueries.GetValueOrDefault(WithoutProtocol(name), expected.QueryString), target.QueryString);
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

    [Theory]
    [InlineData(FrontEndCapture.Uwsgi)]
    [InlineData(FrontEndCapture.FastCgi)]
    [InlineData(FrontEndCapture.Scgi)]
    public void CONNECT_is_an_authority(string protocol) => Assert.Equal(
        new CgiTarget("example.com:443", "", "", ""), Parse(FrontEndCapture.Get($"apache/{protocol}/q-method__connect")));

    [Theory]
    [InlineData("haproxy/fastcgi/q-target__pct00")]
    [InlineData("haproxy/fastcgi/q-alt__pct00")]
    public void A_NUL_that_a_front_end_passes_on_is_refused(string name) =>
        Refused.With(WireError.InvalidRequestTarget, () => Parse(FrontEndCapture.Get(name)));

    [Fact]
    public void A_packet_without_variables_is_the_root() =>
        Assert.Equal(new CgiTarget("/", "", "/", ""), Parse(FrontEndCapture.Get("nginx/uwsgi/q-mount_ustr_sub")));

    private static IEnumerable<FrontEndCapture> All => FrontEndCapture.All.Where(capture => capture.Requests.Count != 0);

    private static bool IsDefaultRoute(FrontEndCapture capture) =>
        !Incomparable.ContainsKey(WithoutProtocol(capture.Name)) && Regex.IsMatch(capture.Config, "default route|alt port|^(route )?/ |^route /$");

    private static string WithoutProtocol(string name) => Regex.Replace(name, "/[a-z]+/", "/");

    private static bool IsBelow(FrontEndCapture capture, string? pathBase) =>
        pathBase is not null && ClientRequestTarget.Of(capture.Request!).Path.StartsWith(pathBase + "/", StringComparison.Ordinal);

    private static CgiTarget Parse(FrontEndCapture capture) => CgiTarget.Parse(CapturedVariables.Of(capture));
}
