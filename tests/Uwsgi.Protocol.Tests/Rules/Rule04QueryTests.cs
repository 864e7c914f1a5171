using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rule 4: the query is QUERY_STRING, to which rewrites add; where it is not there, it is that of REQUEST_URI.</summary>
public class Rule04QueryTests
{
    public static TheoryData<GatewayProtocol, string, (string, string)[], string> Queries => Cases.Of(
        ("as the client sent it", [("REQUEST_URI", "/a?x=%2F%20+&&;"), ("QUERY_STRING", "x=%2F%20+&&;")], "?x=%2F%20+&&;"),
        ("a rewrite added to it", [("REQUEST_URI", "/rw/a?x=1"), ("QUERY_STRING", "added=1&x=1")], "?added=1&x=1"),
        ("a rewrite took it away", [("REQUEST_URI", "/a?x=1"), ("QUERY_STRING", "")], ""),
        ("HAProxy leaves out an empty one", [("REQUEST_URI", "/a"), ("QUERY_STRING", null!)], ""),
        ("it is not there", [("REQUEST_URI", "/a?x=1"), ("QUERY_STRING", null!)], "?x=1"));

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task QUERY_STRING_is_the_query_where_it_is_there(GatewayProtocol protocol, string what, (string, string)[] variables, string expected)
    {
        await using var server = InMemoryServer.Of(protocol, context => context.Response.WriteAsync(context.Request.QueryString.Value!));
        Cases.Equal(what, expected, (await server.AnswerAsync(server.Requests.Get("/", variables))).Body);
    }
}
