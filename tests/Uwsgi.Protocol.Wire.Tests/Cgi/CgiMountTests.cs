namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>Base path and path, as each front end writes SCRIPT_NAME and PATH_INFO for <c>/app/a%20b/c?x=1</c>.</summary>
public sealed class CgiMountTests
{
    private const string? Absent = null;

    private static readonly CgiTargetRules Ignore = new() { ScriptName = CgiScriptName.Ignore };
    private static readonly CgiTargetRules Trust = new() { ScriptName = CgiScriptName.Trust };

    [Fact]
    public void Nginx_default_has_no_script_name() =>
        AssertMount("", "/a b/c", "/a%20b/c", Absent, "/a b/c");

    [Fact]
    public void Nginx_mount_leaves_the_prefix_in_PATH_INFO() =>
        AssertMount("/app", "/a b/c", "/app/a%20b/c", "/app", "/app/a b/c");

    [Fact]
    public void Nginx_mount_root_is_a_slash() =>
        AssertMount("/app", "/", "/app/", "/app", "/app/");

    [Fact]
    public void Nginx_mount_with_merged_slashes_and_dots_is_still_a_mount() =>
        AssertMount("/app", "/a%2Fb//d", "/app/a%2Fb//c/../d", "/app", "/app/a/b/d");

    [Fact]
    public void Nginx_scgi_mount_sends_no_PATH_INFO() =>
        AssertMount("/app", "/a b/c", "/app/a%20b/c", "/app", Absent);

    [Fact]
    public void Nginx_fastcgi_default_makes_the_whole_path_the_script() =>
        AssertMount("", "/a b/c", "/a%20b/c", "/a b/c", Absent);

    [Fact]
    public void Nginx_fastcgi_mount_sends_the_script_twice_and_the_last_wins()
    {
        var target = CgiTarget.Parse(RequestVariables.Of(
            ("REQUEST_URI", "/app/a%20b/c"), ("SCRIPT_NAME", "/app/a b/c"), ("SCRIPT_NAME", "/app")));
        Assert.Equal(("/app", "/a b/c"), (target.PathBase, target.Path));
    }

    [Fact]
    public void Nginx_fastcgi_split_path_info_is_a_mount() =>
        AssertMount("/app", "/a b/c", "/app/a%20b/c", "/app", "/a b/c");

    [Fact]
    public void Nginx_rewrite_proves_no_mount() =>
        AssertMount("", "/rw/a b/c", "/rw/a%20b/c", "/new/a b/c", "/new/a b/c");

    [Fact]
    public void Nginx_overridden_PATH_INFO_proves_no_mount() =>
        AssertMount("", "/app/a b/c", "/app/a%20b/c", "/app", "/overridden");

    [Fact]
    public void Apache_default_has_an_empty_script_name() =>
        AssertMount("", "/a b/c", "/a%20b/c", "", "/a b/c");

    [Fact]
    public void Apache_mount_is_a_mount() =>
        AssertMount("/foo", "/a b/c", "/foo/a%20b/c", "/foo", "/a b/c");

    [Fact]
    public void Apache_mount_root_has_its_slash_in_both() =>
        AssertMount("/foo", "/", "/foo/", "/foo/", "/");

    [Fact]
    public void Apache_mount_to_another_path_proves_nothing()
    {
        AssertMount("", "/foo3/", "/foo3/", "/", "/bar/");
        AssertMount("", "/foo3/a b/c", "/foo3/a%20b/c", "/", "/bar/a b/c");
    }

    [Fact]
    public void Apache_sethandler_sends_garbage()
    {
        AssertMount("", "/sh/a b/c", "/sh/a%20b/c", "/sh/a", "/c");
        AssertMount("", "/sh/x.php/a b/c", "/sh/x.php/a%20b/c", "/sh", "/a b/c");
        AssertMount("", "/sh/x.php", "/sh/x.php", "/sh/x.php", "/srv/www/sh/x.php");
        AssertMount("", "/sh/", "/sh/", "/sh/", "/srv/www/sh/");
    }

    [Fact]
    public void Apache_nocanon_puts_the_query_into_PATH_INFO_and_the_path_into_SCRIPT_NAME() =>
        AssertMount("", "/a b/c", "/a%20b/c?x=a%20b", "/a b/c", "/a b/c?x=a b");

    [Fact]
    public void Apache_proxypassmatch_puts_the_path_into_SCRIPT_NAME() =>
        AssertMount("", "/pm/a b/c", "/pm/a%20b/c", "/pm/a b/c", "/srv/a b/c");

    [Fact]
    public void Lighttpd_is_never_believed_because_its_default_looks_like_a_mount()
    {
        AssertMount("", "/a b/c", "/a%20b/c", "/a b", "/c", "lighttpd/1.4.69");
        AssertMount("", "/app/a b/c", "/app/a%20b/c", "/app", "/a b/c", "lighttpd/1.4.86");
        AssertMount("", "/app", "/app", "/app", Absent, "lighttpd/1.4.69");
    }

    [Fact]
    public void Caddys_front_controller_is_no_mount() =>
        AssertMount("", "/a b/c", "/a%20b/c", "/index.php", "");

    [Fact]
    public void Haproxys_index_is_no_mount() =>
        AssertMount("", "/", "/", "/index.php", Absent);

    [Fact]
    public void Haproxys_path_info_is_a_mount() =>
        AssertMount("/app", "/a b/c", "/app/a%20b/c", "/app", "/a b/c");

    [Fact]
    public void H2o_sends_no_base() =>
        AssertMount("", "/app/a b/c", "/app/a%20b/c", "", "/app/a b/c");

    [Fact]
    public void The_mount_itself_without_a_slash_is_ambiguous_and_no_mount()
    {
        AssertMount("", "/app", "/app", "/app", Absent);
        AssertMount("", "/app", "/app", "/app", "");
        AssertMount("", "/app", "/app", "/app", "/app");
    }

    [Fact]
    public void An_empty_PATH_INFO_proves_no_mount() =>
        AssertMount("", "/app/x", "/app/x", "/app", "");

    [Fact]
    public void A_script_name_is_a_prefix_by_whole_segments_only()
    {
        AssertMount("", "/application/x", "/application/x", "/app", "/application/x");
        AssertMount("", "/application/x", "/application/x", "/app", "lication/x");
        AssertMount("", "/application/x", "/application/x", "/app", Absent);
    }

    [Fact]
    public void A_script_name_is_a_prefix_in_its_own_case() =>
        AssertMount("", "/APP/x", "/APP/x", "/app", Absent);

    [Theory]
    [InlineData("app")]
    [InlineData("x")]
    [InlineData("*")]
    [InlineData("http://host/app")]
    public void A_script_name_that_is_no_path_is_not_looked_at(string script)
    {
        AssertMount("", "/app/x", "/app/x", script, Absent);
        AssertMount("", "/app/x", "/app/x", script, "/x", rules: Trust);
    }

    [Fact]
    public void A_script_name_of_a_slash_is_no_base()
    {
        AssertMount("", "/a", "/a", "/", "/a");
        AssertMount("", "/a", "/a", "/", Absent);
        AssertMount("", "/a", "/a", "/", "a");
    }

    [Fact]
    public void A_slash_at_the_end_without_PATH_INFO_is_kept_and_so_no_whole_segment() =>
        AssertMount("", "/app/x", "/app/x", "/app/", Absent);

    [Fact]
    public void A_mount_of_two_segments_and_of_utf8_is_a_mount()
    {
        AssertMount("/a/b", "/c", "/a/b/c", "/a/b", "/c");
        AssertMount("/café", "/x", "/caf%C3%A9/x", "/café", "/x");
        AssertMount("/my app", "/x", "/my%20app/x", "/my app", "/my app/x");
    }

    [Fact]
    public void An_encoded_slash_below_a_mount_survives() =>
        AssertMount("/app", "/a%2Fb", "/app/a%2Fb", "/app", "/a/b");

    [Fact]
    public void Dots_that_leave_the_mount_leave_it() =>
        AssertMount("", "/x", "/app/../x", "/app", "/x");

    [Theory]
    [InlineData("/app/x", "/a", "pp/x")] // shorter than a segment
    [InlineData("/app/x", "/app/x/y", "")] // longer than the path
    [InlineData("/app/x", "/app", "/x/y")] // PATH_INFO longer than the rest
    [InlineData("/app/xy", "/app", "/x")] // and shorter
    [InlineData("/x", "/other", "/x")] // no prefix
    [InlineData("/app/%0a", "/app", "/\n/..")]
    [InlineData("/app/x", "/app/", "x")]
    [InlineData("/app/x", "//app", "/x")]
    public void Lengths_that_do_not_add_up_prove_no_mount(string target, string script, string info)
    {
        var parsed = Parse(target, script, info, "", CgiTargetRules.Default);
        Assert.Equal("", parsed.PathBase);
        Assert.Equal(Parse(target, Absent, Absent, "", CgiTargetRules.Default).Path, parsed.Path);
    }

    [Fact]
    public void A_line_break_in_the_path_does_not_move_the_mount() =>
        AssertMount("/app", "/a\nb", "/app/a%0Ab", "/app", "/a\nb");

    [Fact]
    public void Ignore_looks_at_no_script_name() =>
        AssertMount("", "/app/a b/c", "/app/a%20b/c", "/app", "/a b/c", rules: Ignore);

    [Fact]
    public void Trust_believes_a_prefix() =>
        AssertMount("/app", "/a b/c", "/app/a%20b/c", "/app", "/a b/c", rules: Trust);

    [Fact]
    public void Trust_believes_lighttpd() =>
        AssertMount("/app", "/a b/c", "/app/a%20b/c", "/app", "/a b/c", "lighttpd/1.4.69", Trust);

    [Fact]
    public void Trust_believes_a_script_that_is_the_whole_path() =>
        AssertMount("/app", "", "/app", "/app", Absent, rules: Trust);

    [Fact]
    public void Trust_keeps_the_encoded_slash_of_the_raw_path() =>
        AssertMount("/app", "/a%2Fb", "/app/a%2Fb", "/app", "/a/b", rules: Trust);

    [Fact]
    public void Trust_takes_PATH_INFO_where_the_script_is_no_prefix() =>
        AssertMount("/index.php", "/other", "/a%20b/c", "/index.php", "/other", rules: Trust);

    [Fact]
    public void Trust_takes_the_path_where_the_script_is_no_prefix_and_PATH_INFO_not_there() =>
        AssertMount("/index.php", "/a b/c", "/a%20b/c", "/index.php", Absent, rules: Trust);

    [Fact]
    public void Trust_cuts_a_slash_at_the_end()
    {
        AssertMount("/foo", "/", "/foo/", "/foo/", "/", rules: Trust);
        AssertMount("", "/a", "/a", "/", "/a", rules: Trust);
    }

    [Theory]
    [InlineData("/a/../b", "/b")]
    [InlineData("/../../etc/passwd", "/etc/passwd")]
    [InlineData("/a/./b/.", "/a/b/")]
    [InlineData("/a/..", "/")]
    [InlineData("/a/%2e%2e/b", "/a/%2e%2e/b")] // decoded once already
    public void Trust_hands_no_dots_of_PATH_INFO_to_the_app(string info, string path) =>
        AssertMount("/index.php", path, "/x/y", "/index.php", info, rules: Trust);

    [Theory]
    [InlineData("/x/y", "/..")]
    [InlineData("/x/y", "/a/../b")]
    [InlineData("/x/y", "/./a")]
    [InlineData("/x/y", "/a/.")]
    [InlineData("/x/y", "/a/../")]
    [InlineData("/app%2F../x", "/app/..")] // a prefix of it, as slashes are compared
    public void Trust_believes_no_base_with_dots(string target, string script) =>
        Refused.With(WireError.InvalidRequestTarget, () => Parse(target, script, "/a", "", Trust));

    [Theory]
    [InlineData("/script", "no/path")]
    [InlineData("/script", "*")]
    [InlineData("/script", "/a\0b")]
    [InlineData("/scr\0ipt", "/a")]
    [InlineData("/scr\0ipt", Absent)]
    public void Trust_believes_nothing_that_no_path_can_be(string script, string? info) =>
        Refused.With(WireError.InvalidRequestTarget, () => Parse("/x/y", script, info, "", Trust));

    [Theory]
    [InlineData("/app/a%20b", "/app", "/a b")]
    [InlineData("/app/", "/app", "/")]
    [InlineData("/app", "/app", "")]
    [InlineData("/APP/x", "/APP", "/x")]
    [InlineData("/app/a%2Fb", "/app", "/a%2Fb")]
    [InlineData("/x/../app/y", "/app", "/y")]
    [InlineData("/%61pp/x", "/app", "/x")]
    [InlineData("/application", "", "/application")]
    [InlineData("/app%2Fx", "", "/app%2Fx")]
    [InlineData("/ap", "", "/ap")]
    [InlineData("/", "", "/")]
    [InlineData("/app/../x", "", "/x")]
    public void A_fixed_base_is_cut_off_every_path_that_has_it(string target, string pathBase, string path)
    {
        foreach (var configured in new[] { "/app", "/app/" })
        {
            AssertMount(pathBase, path, target, Absent, Absent, rules: new() { PathBase = configured });
            AssertMount(pathBase, path, target, "/garbage", "/x", "lighttpd/1.4.69", new() { PathBase = configured });
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData(null)]
    public void No_fixed_base_leaves_the_path(string? configured) =>
        AssertMount("", "/a", "/a", Absent, Absent, rules: new() { PathBase = configured });

    [Theory]
    [InlineData("/\u212A", "/k/x")] // KELVIN SIGN folds to k in some libraries, and is three bytes
    [InlineData("/k", "/%E2%84%AA/x")]
    [InlineData("/\u017F", "/s/x")] // LONG S
    [InlineData("/s", "/%C5%BF/x")]
    [InlineData("/\u0130", "/i/x")]
    public void A_fixed_base_is_measured_on_the_bytes_it_is_cut_from(string configured, string target)
    {
        var parsed = Parse(target, Absent, Absent, "", new() { PathBase = configured });
        Assert.Equal("", parsed.PathBase);
        Assert.EndsWith("/x", parsed.Path, StringComparison.Ordinal);
    }

    private static void AssertMount(
        string pathBase, string path, string target, string? script, string? info, string software = "", CgiTargetRules? rules = null)
    {
        var parsed = Parse(target, script, info, software, rules ?? CgiTargetRules.Default);
        Assert.Equal((pathBase, path), (parsed.PathBase, parsed.Path));
        Assert.Equal(target, parsed.RawTarget);
    }

    private static CgiTarget Parse(string target, string? script, string? info, string software, CgiTargetRules rules)
    {
        List<(string, string)> variables = [("REQUEST_URI", target), ("SERVER_SOFTWARE", software)];
        if (script is not null)
        {
            variables.Add(("SCRIPT_NAME", script));
        }

        if (info is not null)
        {
            variables.Add(("PATH_INFO", info));
        }

        return CgiTarget.Parse(RequestVariables.Of([.. variables]), rules);
    }
}
