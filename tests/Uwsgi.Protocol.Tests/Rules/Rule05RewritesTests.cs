using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rule 5: the app sees what the client asked for, and a front end's rewrites where it wants to.</summary>
public class Rule05RewritesTests
{
    [Theory]
    [EveryProtocol(CgiPathSource.RequestUri, "/rw/a%20b?x=1  /rw/a b ?added=1&x=1")]
    [EveryProtocol(CgiPathSource.PathInfo, "/rw/a%20b?x=1  /info/a b ?added=1&x=1")]
    [EveryProtocol(CgiPathSource.DocumentUri, "/rw/a%20b?x=1  /document/a b ?added=1&x=1")]
    public async Task A_rewrite_is_seen_through_the_variable_chosen_and_not_by_default(GatewayProtocol protocol, CgiPathSource source, string expected)
    {
        await using var server = InMemoryServer.Of(protocol, Show, options =>
        {
            Assert.Equal(CgiPathSource.RequestUri, options.PathSource);
            options.PathSource = source;
        });
        var request = server.Requests.Get(
            "/rw/a%20b?x=1", ("PATH_INFO", "/info/a b"), ("DOCUMENT_URI", "/document/a b"), ("QUERY_STRING", "added=1&x=1"));
        Assert.Equal(expected, (await server.AnswerAsync(request)).Body);
    }

    private static RequestDelegate Show => static context => context.Response.WriteAsync(string.Join(
        ' ', context.Features.Get<IHttpRequestFeature>()!.RawTarget, context.Request.PathBase.Value, context.Request.Path.Value, context.Request.QueryString.Value));
}
