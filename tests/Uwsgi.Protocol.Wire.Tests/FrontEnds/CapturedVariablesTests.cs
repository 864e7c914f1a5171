using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Wire.Tests;

/// <summary>What holds for the variables of every front end in every protocol.</summary>
public sealed class CapturedVariablesTests
{
    // Bytes after an upgrade are no body.
    private const string Upgraded = "/u-ws__";

    /// <summary>Where CONTENT_LENGTH is not the length of the body, and why.</summary>
    private static readonly Dictionary<string, string> OtherLengths = new()
    {
        ["apache/fastcgi/q-chunked__default"] = "none is known: the body was chunked, and the stream's end is its end",
        ["apache/fastcgi/q-chunked__chunk"] = "none is known: the body was chunked, and the stream's end is its end",
        ["nginx/fastcgi/q-chunked__nobuf"] = "none is known: the body was chunked, and the stream's end is its end",
        ["nginx/scgi/q-expect__nobuf"] = "scgi_request_buffering off before 1.29.6: 0, and HTTP_CONTENT_LENGTH has it",
    };

    public static TheoryData<string> Captures =>
        [.. FrontEndCapture.All.Where(capture => capture.Requests.Count != 0).Select(capture => capture.Name)];

    [Fact]
    public void Every_exception_is_of_a_capture_that_is_there() => Assert.All(OtherLengths.Keys, name => FrontEndCapture.Get(name));

    [Theory]
    [MemberData(nameof(Captures))]
    public void A_capture_has_a_clean_length_and_its_body_is_that_long(string name)
    {
        var capture = FrontEndCapture.Get(name);
        var variables = CapturedVariables.Of(capture);
        Assert.False(variables.HasConflictingContentLength);
        Assert.True(CgiContentLength.TryParse(variables[CgiVariable.ContentLength], out var length));
        if (!name.Contains(Upgraded, StringComparison.Ordinal))
        {
            Assert.Equal(!OtherLengths.ContainsKey(name), capture.Requests[0].BodyLength == (length ?? 0));
        }
    }

    [Theory]
    [MemberData(nameof(Captures))]
    public void A_capture_names_a_host_and_headers_of_tokens(string name)
    {
        var variables = CapturedVariables.Of(FrontEndCapture.Get(name));
        _ = CgiOrigin.GetHost(variables);
        for (var i = 0; i < variables.Count; i++)
        {
            if (CgiHeaderName.IsHeader(variables.GetName(i)))
            {
                Assert.True(CgiHeaderName.IsValid(variables.GetName(i)));
                Assert.True(CgiHeaderName.Matches(variables.GetName(i), CgiHeaderName.ToHeader(variables.GetName(i))));
            }
        }
    }
}
