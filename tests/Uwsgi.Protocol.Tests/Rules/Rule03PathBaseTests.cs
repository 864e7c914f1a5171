using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rule 3: SCRIPT_NAME is the base path where it can be nothing else, or where an option says so.</summary>
public class Rule03PathBaseTests
{
    public static TheoryData<GatewayProtocol, string, (string, string)[], string> Scripts => Cases.Of(
        ("a mount with the rest of the path", [("REQUEST_URI", "/app/a%20b/c"), ("SCRIPT_NAME", "/app"), ("PATH_INFO", "/a b/c")], "/app/a%20b/c /app /a b/c "),
        ("a mount with the whole path", [("REQUEST_URI", "/app/x"), ("SCRIPT_NAME", "/app"), ("PATH_INFO", "/app/x")], "/app/x /app /x "),
        ("a mount without PATH_INFO", [("REQUEST_URI", "/app/x"), ("SCRIPT_NAME", "/app"), ("PATH_INFO", null!)], "/app/x /app /x "),
        ("Apache's overlapping slash", [("REQUEST_URI", "/foo/"), ("SCRIPT_NAME", "/foo/"), ("PATH_INFO", "/")], "/foo/ /foo / "),
        ("an encoded slash below a mount stays", [("REQUEST_URI", "/app/a%2Fb"), ("SCRIPT_NAME", "/app"), ("PATH_INFO", "/a/b")], "/app/a%2Fb /app /a%2Fb "),
        ("another PATH_INFO proves no mount", [("REQUEST_URI", "/app/x"), ("SCRIPT_NAME", "/app"), ("PATH_INFO", "/y")], "/app/x  /app/x "),
        ("an empty PATH_INFO proves none", [("REQUEST_URI", "/app/x"), ("SCRIPT_NAME", "/app"), ("PATH_INFO", "")], "/app/x  /app/x "),
        ("half a segment is no prefix", [("REQUEST_URI", "/apple/x"), ("SCRIPT_NAME", "/app"), ("PATH_INFO", "/x")], "/apple/x  /apple/x "),
        ("the mount itself is ambiguous", [("REQUEST_URI", "/app"), ("SCRIPT_NAME", "/app"), ("PATH_INFO", "")], "/app  /app "),
        ("lighttpd splits at the first segment", [("REQUEST_URI", "/a%20b/c"), ("SCRIPT_NAME", "/a b"), ("PATH_INFO", "/c"), ("SERVER_SOFTWARE", "lighttpd/1.4.69")], "/a%20b/c  /a b/c "));

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task SCRIPT_NAME_is_the_base_path_where_it_is_proved(GatewayProtocol protocol, string what, (string, string)[] variables, string expected)
    {
        await using var server = InMemoryServer.Of(protocol, Show);
        Cases.Equal(what, expected, (await server.AnswerAsync(server.Requests.Get("/", variables))).Body);
    }

    [Theory]
    [EveryProtocol(CgiScriptName.Auto, "/a/b /a /b ")]
    [EveryProtocol(CgiScriptName.Ignore, "/a/b  /a/b ")]
    [EveryProtocol(CgiScriptName.Trust, "/a/b /a /b ")]
    public async Task What_SCRIPT_NAME_does_is_an_option(GatewayProtocol protocol, CgiScriptName option, string expected)
    {
        await using var server = InMemoryServer.Of(protocol, Show, options => options.ScriptName = option);
        Assert.Equal(expected, (await server.AnswerAsync(server.Requests.Get("/a/b", ("SCRIPT_NAME", "/a"), ("PATH_INFO", "/b")))).Body);
    }

    [Theory]
    [EveryProtocol]
    public async Task Trust_believes_lighttpds_mount(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, Show, options => options.ScriptName = CgiScriptName.Trust);
        var request = server.Requests.Get("/app/x", ("SCRIPT_NAME", "/app"), ("PATH_INFO", "/x"), ("SERVER_SOFTWARE", "lighttpd/1.4.69"));
        Assert.Equal("/app/x /app /x ", (await server.AnswerAsync(request)).Body);
    }

    [Theory]
    [EveryProtocol]
    public async Task A_base_path_from_the_options_is_cut_off_the_path(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(
            protocol,
            context => context.Response.WriteAsync($"{context.Request.PathBase}|{context.Request.Path}"), options => options.PathBase = "/app");
        Assert.Equal("/app|/x", (await server.AnswerAsync(server.Requests.Get("/app/x"))).Body);
        Assert.Equal("|/other", (await server.AnswerAsync(server.Requests.Get("/other"))).Body);
    }

    private static RequestDelegate Show => static context => context.Response.WriteAsync(string.Join(
        ' ', context.Features.Get<IHttpRequestFeature>()!.RawTarget, context.Request.PathBase.Value, context.Request.Path.Value, context.Request.QueryString.Value));
}
