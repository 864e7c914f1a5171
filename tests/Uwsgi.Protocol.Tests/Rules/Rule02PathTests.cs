using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rule 2: the path is that of REQUEST_URI, and of nothing else that is said about it.</summary>
public class Rule02PathTests
{
    public static TheoryData<GatewayProtocol, string, (string, string)[], string> Targets => Cases.Of(
        ("as the client sent it", [("REQUEST_URI", "/a%20b/c?x=1"), ("QUERY_STRING", "x=1")], "/a%20b/c?x=1  /a b/c ?x=1"),
        ("an encoded slash stays", [("REQUEST_URI", "/a%2Fb")], "/a%2Fb  /a%2Fb "),
        ("the path of an absolute form", [("REQUEST_URI", "http://h:99/abs?x"), ("QUERY_STRING", "x")], "http://h:99/abs?x  /abs ?x"),
        ("a fragment is no part of it", [("REQUEST_URI", "/a?x#frag"), ("QUERY_STRING", "x")], "/a?x#frag  /a ?x"),
        ("nginx by FastCGI: the whole path as script", [("REQUEST_URI", "/a/b"), ("SCRIPT_NAME", "/a/b")], "/a/b  /a/b "),
        ("Apache and HAProxy: a file's name as script", [("REQUEST_URI", "/"), ("SCRIPT_NAME", "/index.php")], "/  / "),
        ("Caddy: a front controller", [("REQUEST_URI", "/a/b"), ("SCRIPT_NAME", "/index.php"), ("PATH_INFO", "")], "/a/b  /a/b "),
        ("Apache with SetHandler: garbage", [("REQUEST_URI", "/sh/x/y"), ("SCRIPT_NAME", "/sh/a"), ("PATH_INFO", "/srv/x")], "/sh/x/y  /sh/x/y "),
        ("without REQUEST_URI, script and path", [("REQUEST_URI", ""), ("SCRIPT_NAME", "/a"), ("PATH_INFO", "/b c"), ("DOCUMENT_URI", "/d")], "/a/b%20c /a /b c "),
        ("without those too, the document", [("REQUEST_URI", ""), ("SCRIPT_NAME", ""), ("PATH_INFO", ""), ("DOCUMENT_URI", "/d")], "/d  /d "),
        ("without anything, the root", [("REQUEST_URI", ""), ("SCRIPT_NAME", ""), ("PATH_INFO", "")], "/  / "),
        ("the asterisk form", [("REQUEST_METHOD", "OPTIONS"), ("REQUEST_URI", "*"), ("PATH_INFO", "/*")], "*   "),
        ("the authority form", [("REQUEST_METHOD", "CONNECT"), ("REQUEST_URI", "example.com:443"), ("PATH_INFO", "/")], "example.com:443   "));

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task The_path_is_what_the_client_asked_for(GatewayProtocol protocol, string what, (string, string)[] variables, string expected)
    {
        await using var server = InMemoryServer.Of(protocol, Show);
        Cases.Equal(what, expected, (await server.AnswerAsync(server.Requests.Get("/", variables))).Body);
    }

    [Theory]
    [EveryProtocol("/a%00b")]
    [EveryProtocol("/%00")]
    public async Task A_path_with_a_NUL_is_a_bad_request(GatewayProtocol protocol, string target)
    {
        await using var server = InMemoryServer.Of(protocol, Show);
        Assert.Equal(400, (await server.AnswerAsync(server.Requests.Get(target))).Status);
        if (protocol != GatewayProtocol.Scgi)
        {
            // A NUL ends a value of SCGI: none can have it inside.
            Assert.Equal(400, (await server.AnswerAsync(server.Requests.Get("/a\0b"))).Status);
        }
    }

    [Theory]
    [EveryProtocol]
    [Trait("Guards", "a path is decoded once")]
    public async Task A_path_is_decoded_exactly_once(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, context => context.Response.WriteAsync(
            $"{context.Request.Path.Value} {context.Features.Get<IHttpRequestFeature>()!.RawTarget}"));
        Assert.Equal("/a%2fb /a%252fb", (await server.AnswerAsync(server.Requests.Get("/a%252fb"))).Body);
    }

    [Theory]
    [EveryProtocol]
    [Trait("Guards", "a path does not leave the root")]
    public async Task A_path_with_dot_segments_stays_below_the_root(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, context => context.Response.WriteAsync(context.Request.Path.Value!));
        Assert.Equal("/etc/passwd", (await server.AnswerAsync(server.Requests.Get("/a/../../etc/passwd"))).Body);
        Assert.Equal("/etc/passwd", (await server.AnswerAsync(server.Requests.Get("/a/%2e%2e/%2e%2E/etc/passwd"))).Body);
        Assert.Equal("/a/..%2f..%2fetc/passwd", (await server.AnswerAsync(server.Requests.Get("/a/..%2f..%2fetc/passwd"))).Body);
    }

    private static RequestDelegate Show => static context => context.Response.WriteAsync(string.Join(
        ' ', context.Features.Get<IHttpRequestFeature>()!.RawTarget, context.Request.PathBase.Value, context.Request.Path.Value, context.Request.QueryString.Value));
}
