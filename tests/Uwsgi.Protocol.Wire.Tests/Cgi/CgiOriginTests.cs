namespace Uwsgi.Protocol.Wire.Tests;

public sealed class CgiOriginTests
{
    [Theory]
    [InlineData("on")]
    [InlineData("ON")]
    [InlineData("1")]
    [InlineData("true")]
    [InlineData("True")]
    public void HTTPS_makes_it_https(string https)
    {
        Assert.True(CgiOrigin.IsHttps(RequestVariables.Of(("HTTPS", https))));
        Assert.True(CgiOrigin.IsHttps(RequestVariables.Of(("HTTPS", https), ("REQUEST_SCHEME", "http"))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("off")]
    [InlineData("0")]
    [InlineData("onn")]
    [InlineData("10")]
    public void Other_values_of_HTTPS_leave_it_to_the_scheme(string https)
    {
        Assert.False(CgiOrigin.IsHttps(RequestVariables.Of(("HTTPS", https))));
        Assert.True(CgiOrigin.IsHttps(RequestVariables.Of(("HTTPS", https), ("REQUEST_SCHEME", "https"))));
    }

    [Theory]
    [InlineData("https", true)]
    [InlineData("HTTPS", true)]
    [InlineData("http", false)]
    [InlineData("", false)]
    [InlineData("ftp", false)]
    public void The_scheme_alone_is_enough(string scheme, bool expected) =>
        Assert.Equal(expected, CgiOrigin.IsHttps(RequestVariables.Of(("REQUEST_SCHEME", scheme))));

    [Fact]
    public void Nothing_is_http() => Assert.False(CgiOrigin.IsHttps(RequestVariables.Of()));

    [Theory]
    [InlineData("HTTP_HTTPS", "on")]
    [InlineData("HTTP_X_FORWARDED_PROTO", "https")]
    [InlineData("HTTP_X_FORWARDED_SSL", "on")]
    [InlineData("UWSGI_SCHEME", "https")]
    public void A_client_cannot_make_it_https(string name, string value) =>
        Assert.False(CgiOrigin.IsHttps(RequestVariables.Of((name, value))));

    [Theory]
    [InlineData("example.com")]
    [InlineData("example.com:8080")]
    [InlineData("EXAMPLE.com")]
    [InlineData("[::1]")]
    [InlineData("[::1]:8080")]
    [InlineData("127.0.0.1:80")]
    [InlineData("xn--caf-dma.example")]
    [InlineData("a_b.example")]
    public void HTTP_HOST_is_the_host_as_it_is(string host) =>
        Assert.Equal(host, CgiOrigin.GetHost(RequestVariables.Of(("HTTP_HOST", host), ("SERVER_NAME", "other"), ("SERVER_PORT", "99"))));

    [Fact]
    public void A_port_is_not_invented() =>
        Assert.Equal("example.com", CgiOrigin.GetHost(RequestVariables.Of(("HTTP_HOST", "example.com"), ("SERVER_PORT", "8080"))));

    [Theory]
    [InlineData("example.com", "8080", "", "example.com:8080")]
    [InlineData("example.com", "80", "", "example.com")]
    [InlineData("example.com", "443", "", "example.com:443")]
    [InlineData("example.com", "443", "on", "example.com")]
    [InlineData("example.com", "80", "on", "example.com:80")]
    [InlineData("example.com:1", "8080", "", "example.com:1")]
    [InlineData("example.com", "", "", "example.com")]
    [InlineData("[::1]", "8080", "", "[::1]:8080")]
    [InlineData("[::1]:1", "8080", "", "[::1]:1")]
    public void The_servers_port_is_appended_when_asked_for(string host, string port, string https, string expected) =>
        Assert.Equal(expected, CgiOrigin.GetHost(
            RequestVariables.Of(("HTTP_HOST", host), ("SERVER_PORT", port), ("HTTPS", https)), appendServerPort: true));

    [Theory]
    [InlineData("example.com", "80", "example.com")]
    [InlineData("example.com", "8080", "example.com:8080")]
    [InlineData("example.com", "", "example.com")] // nginx on a unix socket
    [InlineData("example.com:81", "8080", "example.com:81")] // HAProxy puts the port into the name
    [InlineData("::1", "80", "[::1]")] // Caddy writes no brackets
    [InlineData("::1", "8080", "[::1]:8080")]
    [InlineData("[::1]", "8080", "[::1]:8080")]
    [InlineData("[::1]:81", "8080", "[::1]:81")]
    [InlineData("_", "80", "_")]
    [InlineData("", "8080", "")]
    public void Without_HTTP_HOST_the_server_is_the_host(string name, string port, string expected)
    {
        Assert.Equal(expected, CgiOrigin.GetHost(RequestVariables.Of(("SERVER_NAME", name), ("SERVER_PORT", port))));
        Assert.Equal(expected, CgiOrigin.GetHost(RequestVariables.Of(("SERVER_NAME", name), ("SERVER_PORT", port), ("HTTP_HOST", ""))));
    }

    [Fact]
    public void A_previous_host_is_used_again_where_it_is_the_same_and_nowhere_else()
    {
        (string, string)[][] requests =
        [
            [("HTTP_HOST", "example.org")], [("HTTP_HOST", "EXAMPLE.org")], [("HTTP_HOST", "example.org:8080")],
            [("SERVER_NAME", "example.org"), ("SERVER_PORT", "8080")], [("SERVER_NAME", "::1"), ("SERVER_PORT", "80")],
            [("HTTP_HOST", "example.org"), ("SERVER_PORT", "8080")],
        ];
        foreach (var request in requests)
        {
            foreach (var append in (bool[])[false, true])
            {
                var expected = CgiOrigin.GetHost(RequestVariables.Of(request), append);
                Assert.All(requests, other => Assert.Equal(
                    expected, CgiOrigin.GetHost(RequestVariables.Of(request), append, CgiOrigin.GetHost(RequestVariables.Of(other), append))));
            }
        }

        var host = CgiOrigin.GetHost(RequestVariables.Of(("HTTP_HOST", "example.org")));
        Assert.Same(host, CgiOrigin.GetHost(RequestVariables.Of(("HTTP_HOST", "example.org")), previous: host));
    }

    [Fact]
    public void Without_anything_there_is_no_host() => Assert.Equal("", CgiOrigin.GetHost(RequestVariables.Of()));

    [Theory]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a?b")]
    [InlineData("a#b")]
    [InlineData("a@b")]
    [InlineData("a\\b")]
    [InlineData("a\r\nX: y")]
    [InlineData("a\0")]
    [InlineData("<script>")]
    [InlineData("café")]
    public void A_host_with_characters_of_no_host_is_refused(string host)
    {
        Refused.With(WireError.InvalidHost, () => CgiOrigin.GetHost(RequestVariables.Of(("HTTP_HOST", host))), host);
    }

    [Theory]
    [InlineData("example.com:80a")]
    [InlineData("example.com:-1")]
    [InlineData("example.com:80:80")]
    [InlineData("example.com:80,example.org")]
    [InlineData(":80")]
    [InlineData(":")]
    [InlineData("::1:x")]
    [InlineData("a:b:c")]
    [InlineData("[")]
    [InlineData("[]")]
    [InlineData("]")]
    [InlineData("[::1")]
    [InlineData("::1]")]
    [InlineData("x[::1]")]
    [InlineData("[::1]x")]
    [InlineData("[::1]80")]
    [InlineData("[::1]:80a")]
    [InlineData("[[::1]]")]
    [InlineData("[::1]:[::1]")]
    [InlineData("[example.com]")]
    [InlineData("[127.0.0.1]")]
    [InlineData("[1:2]")]
    [InlineData("[fe80::1%eth0]")]
    [InlineData("exa[mple.com")]
    public void A_host_whose_port_or_brackets_are_none_is_refused(string host)
    {
        Refused.With(WireError.InvalidHost, () => CgiOrigin.GetHost(RequestVariables.Of(("HTTP_HOST", host))), host);
        Assert.Equal("", CgiOrigin.GetHost(RequestVariables.Of(("SERVER_NAME", host), ("SERVER_PORT", "80"))));
    }

    [Theory]
    [InlineData("example.com:", "example.com:")]
    [InlineData("example.com:65536", "example.com:65536")] // RFC 3986 says digits, and no more
    [InlineData("[2001:DB8::1]:", "[2001:DB8::1]:")]
    [InlineData("[::ffff:127.0.0.1]:80", "[::ffff:127.0.0.1]:80")]
    [InlineData("2001:db8::1", "[2001:db8::1]")]
    [InlineData("_", "_")]
    [InlineData("a%20b", "a%20b")]
    public void A_host_with_a_port_or_an_address_is_a_host(string host, string expected) =>
        Assert.Equal(expected, CgiOrigin.GetHost(RequestVariables.Of(("HTTP_HOST", host))));

    [Fact]
    public void A_server_name_that_is_a_regular_expression_is_no_host_and_no_error() =>
        Assert.Equal("", CgiOrigin.GetHost(RequestVariables.Of(("SERVER_NAME", "~^(www\\.)?(?<domain>.+)$"), ("SERVER_PORT", "8080"))));

    [Theory]
    [InlineData("80a")]
    [InlineData("-1")]
    [InlineData("8\r\n")]
    public void A_port_that_is_no_number_is_refused(string port) =>
        Refused.With(WireError.InvalidHost, () => CgiOrigin.GetHost(RequestVariables.Of(("SERVER_NAME", "a"), ("SERVER_PORT", port))));
}
