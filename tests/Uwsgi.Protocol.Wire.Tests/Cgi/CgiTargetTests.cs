namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>Raw target, path and query; where the app is mounted is <see cref="CgiMountTests"/>.</summary>
public sealed class CgiTargetTests
{
    [Fact]
    public void The_request_uri_is_raw_target_path_and_query() =>
        Assert.Equal(new CgiTarget("/a%20b/c?x=1", "", "/a b/c", "?x=1"), Parse("/a%20b/c?x=1"));

    [Fact]
    public void A_slash_is_a_slash() => Assert.Equal(new CgiTarget("/", "", "/", ""), Parse("/"));

    [Theory]
    [InlineData("/a%252fb", "/a%2fb")] // once, never twice
    [InlineData("/a%25252fb", "/a%252fb")]
    [InlineData("/a%2525b%25", "/a%25b%")]
    [InlineData("/%25%32%66", "/%2f")]
    public void A_path_is_decoded_exactly_once(string target, string path)
    {
        var parsed = Parse(target);
        Assert.Equal(path, parsed.Path);
        Assert.Equal(target, parsed.RawTarget);
    }

    [Theory]
    [InlineData("/a%2Fb/c", "/a%2Fb/c")]
    [InlineData("/a%2fb/c", "/a%2fb/c")]
    [InlineData("/%2F%2F", "/%2F%2F")]
    [InlineData("/..%2Fx", "/..%2Fx")]
    public void An_encoded_slash_survives(string target, string path) => Assert.Equal(path, Parse(target).Path);

    [Theory]
    [InlineData("/caf%C3%A9", "/café")]
    [InlineData("/caf%c3%a9", "/café")]
    [InlineData("/café", "/café")]
    [InlineData("/%E6%97%A5%E6%9C%AC", "/日本")]
    [InlineData("/%F0%9F%98%80!", "/😀!")]
    [InlineData("/%7Eu/~u", "/~u/~u")]
    [InlineData("/a+b;c=d,e", "/a+b;c=d,e")]
    [InlineData("/a%3Fb%23c", "/a?b#c")]
    [InlineData("/a%0ab%0D", "/a\nb\r")]
    [InlineData("/a\\b\"<>^`{|}", "/a\\b\"<>^`{|}")]
    public void Escapes_of_characters_are_decoded(string target, string path) => Assert.Equal(path, Parse(target).Path);

    [Theory]
    [InlineData("/a%zzb")]
    [InlineData("/a%")]
    [InlineData("/a%2")]
    [InlineData("/a%%")]
    [InlineData("/a%g0")]
    [InlineData("/a%-1")]
    [InlineData("/%C3")] // a character cut short
    [InlineData("/%C3%28")]
    [InlineData("/%C3/%A9")]
    [InlineData("/%A9")] // a continuation and nothing to continue
    [InlineData("/%FF%FE")]
    [InlineData("/%C0%AF")] // an overlong slash
    [InlineData("/%E0%80%AF")]
    [InlineData("/%C0%80")] // an overlong NUL
    [InlineData("/%C0%AE%C0%AE/x")] // overlong dots
    [InlineData("/%ED%A0%80")] // half of a surrogate pair
    [InlineData("/%F4%90%80%80")] // beyond Unicode
    [InlineData("/%u0041")]
    public void Escapes_of_nothing_stay_as_they_are(string target)
    {
        var expected = target.Replace("%C3%28", "%C3(", StringComparison.Ordinal);
        Assert.Equal(expected, Parse(target).Path);
    }

    [Fact]
    public void Raw_bytes_that_are_no_utf8_are_no_exception() =>
        Assert.Equal("/caf\ufffd", ParseBytes([(byte)'/', (byte)'c', (byte)'a', (byte)'f', 0xE9]).Path);

    [Theory]
    [InlineData("/a/x/../b/./c", "/a/b/c")]
    [InlineData("/a/x/%2e%2e/b", "/a/b")]
    [InlineData("/a/x/%2E./b", "/a/b")]
    [InlineData("/a/.%2e/b", "/b")]
    [InlineData("/../../etc", "/etc")]
    [InlineData("/..", "/")]
    [InlineData("/.", "/")]
    [InlineData("/a/..", "/")]
    [InlineData("/a/.", "/a/")]
    [InlineData("/a/b/..", "/a/")]
    [InlineData("/a/../..", "/")]
    [InlineData("/./", "/")]
    [InlineData("/../", "/")]
    [InlineData("/...", "/...")]
    [InlineData("/a/..b/.c/d.", "/a/..b/.c/d.")]
    [InlineData("/a/%252e%252e/b", "/a/%2e%2e/b")]
    public void Dot_segments_are_removed_after_decoding(string target, string path)
    {
        Assert.Equal(path, Parse(target).Path);
        Assert.Equal(target, Parse(target).RawTarget);
    }

    [Theory]
    [InlineData("//a//b///c", "//a//b///c")]
    [InlineData("//", "//")]
    [InlineData("//host/path", "//host/path")]
    [InlineData("//..", "/")]
    public void Slashes_are_not_merged(string target, string path) => Assert.Equal(path, Parse(target).Path);

    [Theory]
    [InlineData("/a%00b")]
    [InlineData("/%00")]
    [InlineData("/a\0b")]
    [InlineData("/a?b\0")]
    [InlineData("\0")]
    [InlineData("*\0")]
    public void A_NUL_is_refused(string target) => RefusesTarget(("REQUEST_URI", target));

    [Theory]
    [InlineData("/a\rb")]
    [InlineData("/a\nb")]
    [InlineData("/a HTTP/1.1\r\nX: y")]
    [InlineData("/a?b\n")]
    public void A_line_break_is_refused(string target) => RefusesTarget(("REQUEST_URI", target));

    [Theory]
    [InlineData("x=1\0")]
    [InlineData("x=1\r\nX: y")]
    public void A_NUL_or_a_line_break_in_the_query_is_refused(string query) =>
        RefusesTarget(("REQUEST_URI", "/"), ("QUERY_STRING", query));

    [Theory]
    [InlineData("a")]
    [InlineData("a/b")]
    [InlineData("?x=1")]
    [InlineData("#x")]
    [InlineData("**")]
    [InlineData("example.com:443")]
    [InlineData("javascript:alert(1)")]
    [InlineData("foo?u=http://other/path")]
    [InlineData("://other/path")]
    [InlineData("1http://other/path")]
    [InlineData("%2Fa")]
    public void A_target_without_a_path_is_refused(string target) => RefusesTarget(("REQUEST_URI", target));

    [Theory]
    [InlineData("http://other.example:99/abs/p?x=1", "/abs/p", "?x=1")]
    [InlineData("HTTPS://u:p@host/a%20b", "/a b", "")]
    [InlineData("http://host", "/", "")]
    [InlineData("http://host/", "/", "")]
    [InlineData("http://host//x", "//x", "")]
    [InlineData("http://host/x?u=http://other/y", "/x", "?u=http://other/y")]
    [InlineData("coap+tcp://host/x", "/x", "")]
    public void An_absolute_form_loses_its_origin(string target, string path, string query) =>
        Assert.Equal(new CgiTarget(target, "", path, query), Parse(target));

    [Fact]
    public void An_absolute_form_without_a_path_takes_its_query_from_QUERY_STRING() =>
        Assert.Equal(
            new CgiTarget("http://host?x=1", "", "/", "?x=1"),
            Parse(("REQUEST_URI", "http://host?x=1"), ("QUERY_STRING", "x=1")));

    [Theory]
    [InlineData("/a?u=http://other/path", "/a", "?u=http://other/path")]
    [InlineData("/http://other/path", "/http://other/path", "")]
    public void An_origin_inside_a_target_is_no_origin(string target, string path, string query) =>
        Assert.Equal(new CgiTarget(target, "", path, query), Parse(target));

    [Theory]
    [InlineData("/a#frag", "/a", "")]
    [InlineData("/a?x=1#frag", "/a", "?x=1")]
    [InlineData("/a#frag?x=1", "/a", "")]
    [InlineData("/#", "/", "")]
    [InlineData("http://host#frag/x", "/", "")]
    public void A_fragment_is_cut_off(string target, string path, string query) =>
        Assert.Equal(new CgiTarget(target, "", path, query), Parse(target));

    [Fact]
    public void An_asterisk_stays_as_it_is() =>
        Assert.Equal(
            new CgiTarget("*", "", "", ""),
            Parse(("REQUEST_METHOD", "OPTIONS"), ("REQUEST_URI", "*"), ("PATH_INFO", "/*"), ("QUERY_STRING", "")));

    [Fact]
    public void An_authority_stays_as_it_is_for_CONNECT() =>
        Assert.Equal(
            new CgiTarget("example.com:443", "", "", ""),
            Parse(("REQUEST_METHOD", "CONNECT"), ("REQUEST_URI", "example.com:443"), ("PATH_INFO", "/example.com:443")));

    [Fact]
    public void CONNECT_with_a_path_has_a_path() =>
        Assert.Equal("/", Parse(("REQUEST_METHOD", "CONNECT"), ("REQUEST_URI", "/"), ("PATH_INFO", "")).Path);

    [Fact]
    public void Query_signs_after_the_first_belong_to_the_query() =>
        Assert.Equal(new CgiTarget("/a?b?c=d&&e=&=f", "", "/a", "?b?c=d&&e=&=f"), Parse("/a?b?c=d&&e=&=f"));

    [Fact]
    public void A_query_stays_encoded() => Assert.Equal("?x=%2F%20+%zz", Parse("/?x=%2F%20+%zz").QueryString);

    [Fact]
    public void QUERY_STRING_beats_the_request_uri_because_rewrites_add_to_it() =>
        Assert.Equal("?added=1&x=1", Parse(("REQUEST_URI", "/rw?x=1"), ("QUERY_STRING", "added=1&x=1")).QueryString);

    [Fact]
    public void An_empty_QUERY_STRING_beats_the_request_uri_too() =>
        Assert.Equal("", Parse(("REQUEST_URI", "/a?x=1"), ("QUERY_STRING", "")).QueryString);

    [Fact]
    public void An_empty_query_keeps_its_sign_as_it_does_from_HTTP() =>
        Assert.Equal(new CgiTarget("/a/b?", "", "/a/b", "?"), Parse(("REQUEST_URI", "/a/b?"), ("QUERY_STRING", "")));

    [Fact]
    public void A_query_that_a_rewrite_took_away_is_gone() =>
        Assert.Equal(new CgiTarget("/a/b?x=1", "", "/a/b", ""), Parse(("REQUEST_URI", "/a/b?x=1"), ("QUERY_STRING", "")));

    [Theory]
    [InlineData("/app", "/a b", "", "/app/a b")]
    [InlineData("/app", "", "", "/app")]
    [InlineData("", "/a%20b", "", "/a%20b")] // decoded already: these are the characters
    [InlineData("", "/a/../b", "", "/b")]
    [InlineData("", "", "/doc u", "/doc u")]
    [InlineData("", "", "", "/")]
    public void Without_a_request_uri_the_decoded_variables_are_the_path(
        string script, string info, string document, string whole)
    {
        var target = Parse(("SCRIPT_NAME", script), ("PATH_INFO", info), ("DOCUMENT_URI", document));
        Assert.Equal(whole, target.PathBase + target.Path);
    }

    [Theory]
    [InlineData("/a b", "x=1", "/a%20b?x=1")]
    [InlineData("/café", "", "/caf%C3%A9")]
    [InlineData("/a%2Fb", "", "/a%252Fb")]
    [InlineData("/a?b#c", "", "/a%3Fb%23c")]
    [InlineData("/~u/(x)!$,:@*", "", "/~u/(x)!$,:@*")]
    [InlineData("/a\nb", "", "/a%0Ab")]
    public void Without_a_request_uri_the_raw_target_is_one_that_could_have_been(string info, string query, string raw)
    {
        var target = Parse(("PATH_INFO", info), ("QUERY_STRING", query));
        Assert.Equal(raw, target.RawTarget);
        Assert.Equal(target.Path, Parse(raw).Path);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("*x")]
    [InlineData("/a\0b")]
    public void Without_a_request_uri_a_path_is_held_to_the_same(string info) => RefusesTarget(("PATH_INFO", info));

    [Fact]
    public void Without_any_variable_the_target_is_a_slash() =>
        Assert.Equal(new CgiTarget("/", "", "/", ""), Parse(Array.Empty<(string, string)>()));

    [Theory]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(513)]
    [InlineData(60_000)]
    public void Long_paths_are_paths(int length)
    {
        var path = "/" + new string('x', length - 1);
        Assert.Equal(new CgiTarget(path, "", path, ""), Parse(path));
        Assert.Equal(path, Parse(("PATH_INFO", path)).Path);
        Assert.Equal("/" + new string(' ', length / 3), Parse("/" + string.Concat(Enumerable.Repeat("%20", length / 3))).Path);
    }

    [Fact]
    public void A_rewrite_is_not_seen_by_default() =>
        Assert.Equal("/rw/a b", Parse(null, Rewritten).Path);

    [Theory]
    [InlineData(CgiPathSource.PathInfo)]
    [InlineData(CgiPathSource.DocumentUri)]
    public void A_rewrite_is_seen_through_the_variable_chosen(CgiPathSource source) =>
        Assert.Equal(
            new CgiTarget("/rw/a%20b?x=1", "", "/new/a b", "?added=1&x=1"),
            Parse(new CgiTargetRules { PathSource = source }, Rewritten));

    [Theory]
    [InlineData(CgiPathSource.PathInfo)]
    [InlineData(CgiPathSource.DocumentUri)]
    public void Where_the_variable_chosen_is_not_sent_the_request_uri_is_the_path(CgiPathSource source) =>
        Assert.Equal("/a b", Parse(new CgiTargetRules { PathSource = source }, ("REQUEST_URI", "/a%20b")).Path);

    [Fact]
    public void The_variable_chosen_is_decoded_already() =>
        Assert.Equal("/a%20b", Parse(
            new CgiTargetRules { PathSource = CgiPathSource.PathInfo }, ("REQUEST_URI", "/a%2520b"), ("PATH_INFO", "/a%20b")).Path);

    [Theory]
    [InlineData(CgiPathSource.PathInfo)]
    [InlineData(CgiPathSource.DocumentUri)]
    public void The_variable_chosen_may_have_no_NUL(CgiPathSource source) =>
        Refused.With(WireError.InvalidRequestTarget, () => Parse(
            new CgiTargetRules { PathSource = source }, ("REQUEST_URI", "/a"), ("PATH_INFO", "/a\0"), ("DOCUMENT_URI", "/a\0")));

    [Fact]
    public void A_previous_target_gives_its_strings_to_one_that_says_the_same_and_to_no_other()
    {
        CgiVariables[] requests =
        [
            .. new[] { "/", "/a", "/a?", "/a?b=1", "/b?b=1", "/A?b=1", "/a%20b?b=1", "/a b?b=1", "/%C3%A9?x=%C3%A9", "/é?x=é", "*", "?b=1", "/a?b=12" }
                .Select(static uri => RequestVariables.Of(("REQUEST_URI", uri), ("PATH_INFO", "/a"))),
            RequestVariables.Of(("REQUEST_URI", "/m/a?b=1"), ("SCRIPT_NAME", "/m"), ("PATH_INFO", "/a")),
            RequestVariables.Of(("REQUEST_URI", "/a?b=1"), ("QUERY_STRING", "b=2")),
            RequestVariables.Of(("SCRIPT_NAME", "/a"), ("PATH_INFO", "/b"), ("QUERY_STRING", "b=1")),
        ];
        foreach (var request in requests)
        {
            if (!TryParse(request, default, out var expected))
            {
                continue;
            }

            foreach (var other in requests)
            {
                _ = TryParse(other, default, out var previous);
                Assert.Equal(expected, CgiTarget.Parse(request, previous: previous));
            }
        }

        var first = Parse(("REQUEST_URI", "/a%20b?b=1"));
        var again = CgiTarget.Parse(RequestVariables.Of(("REQUEST_URI", "/a%20b?b=1")), previous: first);
        Assert.Same(first.RawTarget, again.RawTarget);
        Assert.Same(first.Path, again.Path);
        Assert.Same(first.QueryString, again.QueryString);
    }

    private static bool TryParse(CgiVariables variables, CgiTarget previous, out CgiTarget target)
    {
        try
        {
            target = CgiTarget.Parse(variables, previous: previous);
            return true;
        }
        catch (WireFormatException)
        {
            target = default;
            return false;
        }
    }

    private static (string, string)[] Rewritten =>
    [
        ("REQUEST_URI", "/rw/a%20b?x=1"), ("PATH_INFO", "/new/a b"), ("DOCUMENT_URI", "/new/a b"), ("QUERY_STRING", "added=1&x=1"),
    ];

    private static CgiTarget Parse(string requestUri) => Parse(("REQUEST_URI", requestUri));

    private static CgiTarget ParseBytes(byte[] requestUri) =>
        CgiTarget.Parse(RequestVariables.FromData(Testing.WireBytes.Variable("REQUEST_URI"u8.ToArray(), requestUri)));

    private static CgiTarget Parse(params (string, string)[] variables) => CgiTarget.Parse(RequestVariables.Of(variables));

    private static CgiTarget Parse(CgiTargetRules? rules, params (string, string)[] variables) =>
        CgiTarget.Parse(RequestVariables.Of(variables), rules);

    private static void RefusesTarget(params (string, string)[] variables) =>
        Refused.With(WireError.InvalidRequestTarget, () => Parse(variables));
}
