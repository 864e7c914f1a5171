using System.Text;

namespace Uwsgi.Protocol.Wire.Tests;

public sealed class CgiHeaderNameTests
{
    [Theory]
    [InlineData("HTTP_HOST", "Host")]
    [InlineData("HTTP_ACCEPT_ENCODING", "Accept-Encoding")]
    [InlineData("HTTP_USER_AGENT", "User-Agent")]
    [InlineData("HTTP_DNT", "DNT")]
    [InlineData("HTTP_ETAG", "ETag")]
    [InlineData("HTTP_TE", "TE")]
    [InlineData("HTTP_WWW_AUTHENTICATE", "WWW-Authenticate")]
    [InlineData("HTTP_SEC_WEBSOCKET_KEY", "Sec-WebSocket-Key")]
    [InlineData("HTTP_SEC_CH_UA_PLATFORM", "Sec-CH-UA-Platform")]
    [InlineData("HTTP_X_REQUEST_ID", "X-Request-ID")]
    [InlineData("HTTP_TRACEPARENT", "traceparent")]
    public void A_known_header_has_its_usual_spelling(string variable, string header)
    {
        Assert.Equal(header, ToHeader(variable));
        Assert.Equal(header, ToHeader(variable.ToLowerInvariant()));
    }

    [Fact]
    public void A_known_name_is_no_new_string()
    {
        _ = ToHeader("HTTP_ACCEPT_ENCODING");
        Assert.Same(ToHeader("HTTP_ACCEPT_ENCODING"), ToHeader("HTTP_ACCEPT_ENCODING"));
    }

    [Theory]
    [InlineData("HTTP_X_CUSTOM_HEADER", "X-Custom-Header")]
    [InlineData("HTTP_FOO", "Foo")]
    [InlineData("HTTP_X", "X")]
    [InlineData("HTTP_X_1A", "X-1a")]
    [InlineData("HTTP_X__Y", "X--Y")]
    [InlineData("HTTP__", "-")]
    [InlineData("HTTP_X_", "X-")]
    [InlineData("HTTP_X.DOT", "X.dot")] // Caddy, h2o and the uWSGI router keep the dot
    [InlineData("HTTP_X!BANG", "X!bang")]
    [InlineData("HTTP_X-Y", "X-Y")]
    [InlineData("http_x_low", "X-Low")]
    public void An_unknown_header_has_each_word_capitalised(string variable, string header) =>
        Assert.Equal(header, ToHeader(variable));

    [Theory]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(300)]
    [InlineData(60_000)]
    public void A_long_name_is_no_exception(int length)
    {
        var header = "X-" + new string('n', length - 2);
        var variable = "HTTP_X_" + new string('N', length - 2);
        Assert.Equal("X-N" + new string('n', length - 3), ToHeader(variable));
        Assert.True(CgiHeaderName.Matches(Encoding.ASCII.GetBytes(variable), header));
        Assert.True(CgiHeaderName.IsValid(Encoding.ASCII.GetBytes(variable)));
    }

    [Theory]
    [InlineData("HTTP_X", true)]
    [InlineData("HTTP_HOST", true)]
    [InlineData("HTTP__", true)]
    [InlineData("HTTP_", false)]
    [InlineData("HTTP", false)]
    [InlineData("HTTPS", false)]
    [InlineData("HTTPS_X", false)]
    [InlineData("http_x", false)]
    [InlineData("REMOTE_USER", false)]
    [InlineData("", false)]
    public void What_starts_with_HTTP_and_goes_on_is_a_header(string variable, bool expected) =>
        Assert.Equal(expected, CgiHeaderName.IsHeader(Encoding.ASCII.GetBytes(variable)));

    [Theory]
    [InlineData("HTTP_X:Y")]
    [InlineData("HTTP_X Y")]
    [InlineData("HTTP_X\tY")]
    [InlineData("HTTP_X\r\nSET_COOKIE")]
    [InlineData("HTTP_X\0")]
    [InlineData("HTTP_X(Y)")]
    [InlineData("HTTP_X\"")]
    [InlineData("HTTP_CAFÉ")]
    public void A_name_of_no_token_is_not_valid(string variable) =>
        Assert.False(CgiHeaderName.IsValid(Encoding.UTF8.GetBytes(variable)));

    [Theory]
    [InlineData("HTTP_ACCEPT_ENCODING", "Accept-Encoding")]
    [InlineData("HTTP_ACCEPT_ENCODING", "accept-encoding")]
    [InlineData("HTTP_ACCEPT_ENCODING", "ACCEPT_ENCODING")]
    [InlineData("HTTP_accept_Encoding", "Accept-Encoding")]
    [InlineData("HTTP_X.DOT", "X.Dot")]
    [InlineData("HTTP_X_1", "x-1")]
    public void A_variable_matches_its_header_in_any_case(string variable, string header) =>
        Assert.True(CgiHeaderName.Matches(Encoding.ASCII.GetBytes(variable), header));

    [Theory]
    [InlineData("HTTP_ACCEPT", "Accept-Encoding")]
    [InlineData("HTTP_ACCEPT_ENCODING", "Accept")]
    [InlineData("HTTP_X_DOT", "X.Dot")]
    [InlineData("ACCEPT_ENCODING", "Accept-Encoding")]
    [InlineData("http_accept", "Accept")]
    [InlineData("HTTP_X", "")]
    [InlineData("HTTP_", "X")]
    [InlineData("HTTP_X\u007f", "X_")]
    [InlineData("HTTP_[", "{")]
    [InlineData("HTTP_@", "`")]
    public void A_variable_matches_no_other_header(string variable, string header) =>
        Assert.False(CgiHeaderName.Matches(Encoding.ASCII.GetBytes(variable), header));

    [Fact]
    public void Matches_and_ToHeader_agree()
    {
        foreach (var variable in new[] { "HTTP_ACCEPT", "HTTP_X_A_B", "HTTP_X.Y", "HTTP_DNT", "HTTP__", "HTTP_X-Y" })
        {
            Assert.True(CgiHeaderName.Matches(Encoding.ASCII.GetBytes(variable), ToHeader(variable)), variable);
        }
    }

    private static string ToHeader(string variable) => CgiHeaderName.ToHeader(Encoding.ASCII.GetBytes(variable));
}
