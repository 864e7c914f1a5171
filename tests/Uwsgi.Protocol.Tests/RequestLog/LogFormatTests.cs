using Uwsgi.Protocol.RequestLog;

namespace Uwsgi.Protocol.Tests.RequestLog;

public class LogFormatTests
{
    [Fact]
    public void A_format_is_text_and_variables() =>
        Assert.Equal(
            [Text("a "), Of(LogVariable.Status), Of(LogVariable.Size), Text(" \""), Of(LogVariable.UserAgent), Text("\"")],
            Parse("a %(status)%(size) \"%(uagent)\""));

    [Theory]
    [InlineData("")]
    [InlineData("100%")]
    [InlineData("%%")]
    [InlineData("%(")]
    [InlineData("a %(status b")]
    [InlineData("%()")]
    [InlineData("( % ) %x (status)")]
    public void What_is_no_variable_is_text(string format) =>
        Assert.Equal(format, string.Concat(LogFormat.Parse(format).Select(segment =>
        {
            Assert.Equal(LogVariable.Literal, segment.Variable);
            return segment.Text;
        })));

    [Fact]
    public void An_empty_name_stands_as_text_beside_variables() =>
        Assert.Equal([Text("%() "), Of(LogVariable.Status)], Parse("%() %(status)"));

    [Fact]
    public void A_variable_of_the_request_and_one_of_the_app_have_their_names() =>
        Assert.Equal(
            [(LogVariable.RequestVariable, "HTTP_X_A"), (LogVariable.AppVariable, "tenant")],
            Parse("%(var.HTTP_X_A)%(tenant)"));

    [Fact]
    public void A_metric_of_uwsgis_is_refused_by_its_name() =>
        Assert.Contains("%(metric.worker.0.requests)", Assert.Throws<FormatException>(() => LogFormat.Parse("%(metric.worker.0.requests)")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("app")]
    [InlineData("req")]
    [InlineData("via")]
    public void What_only_uwsgis_own_line_says_has_no_name_in_a_format(string name) =>
        Assert.Equal([(LogVariable.AppVariable, name)], Parse($"%({name})"));

    [Fact]
    public void Every_variable_of_uwsgis_is_known()
    {
        const string All = "uri method user addr host proto uagent referer status rsize hsize size cl micros msecs secs tmsecs tmicros time ltime ftime ctime "
            + "epoch pid wid switches vars core vsz rss vszM rssM pktsize modifier1 modifier2 headers werr rerr ioerr";
        Assert.All(All.Split(' '), name =>
        {
            var segment = Assert.Single(LogFormat.Parse($"%({name})"));
            Assert.NotEqual(LogVariable.AppVariable, segment.Variable);
        });
    }

    private static IEnumerable<(LogVariable Variable, string Text)> Parse(string format) => LogFormat.Parse(format).Select(segment => (segment.Variable, segment.Text));

    private static (LogVariable Variable, string Text) Text(string text) => (LogVariable.Literal, text);

    private static (LogVariable Variable, string Text) Of(LogVariable variable) => (variable, "");
}
