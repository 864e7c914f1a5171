namespace Uwsgi.Protocol.FunctionalTests.Contract;

/// <summary>What differs where the client speaks HTTP/2 to the front end. The oracle is Kestrel over HTTP/2.</summary>
internal static class Http2Differences
{
    private const string Failure = "the client sees a failure";
    private const string WholeAnswer = "the client sees a whole answer";
    private const string FormType = "application/x-www-form-urlencoded";

    /// <summary>Every route from clients of HTTP/2.</summary>
    public static readonly string[] Routes =
    [
        RouteNames.NginxHttp2, RouteNames.ScgiNginxHttp2, RouteNames.FastCgiNginxHttp2, RouteNames.ApacheHttp2, RouteNames.FastCgiApacheHttp2,
        RouteNames.LighttpdHttp2, RouteNames.FastCgiLighttpdHttp2, RouteNames.FastCgiCaddyHttp2, RouteNames.FastCgiHaProxyHttp2, RouteNames.FastCgiH2oHttp2,
    ];

    private static readonly string[] Apache = [RouteNames.ApacheHttp2, RouteNames.FastCgiApacheHttp2];

    private static readonly string[] Lighttpd = [RouteNames.LighttpdHttp2, RouteNames.FastCgiLighttpdHttp2];

    private static readonly string[] Caddy = [RouteNames.FastCgiCaddyHttp2];

    private static readonly string[] HaProxy = [RouteNames.FastCgiHaProxyHttp2];

    private static readonly string[] NoUpgrade = [.. Apache, .. Caddy, .. HaProxy, RouteNames.FastCgiNginxHttp2, RouteNames.FastCgiH2oHttp2];

    public static readonly KnownDifference[] All =
    [
        new(Routes, "request: HEAD", "Over HTTP/2 Kestrel sends the body of an answer to HEAD where it was written before the head was sent.")
        {
            Instead = "> HEAD /echo/head\n200 OK\ncontent-type: application/json; charset=utf-8\nbody: 0 bytes, ",
        },
        new(Routes, "response: hop-by-hop headers that the app sets", "As over HTTP/1.1; Kestrel drops all but this one itself.")
        {
            Parts = [("trailer: X-Checksum\n", "")],
        },
        .. new[] { "WebSocket: echoes text, bytes and 1 MB", "WebSocket: the server speaks first and closes first", "SignalR: by WebSockets" }.SelectMany(contractCase =>
        {
            var before = contractCase.StartsWith("SignalR", StringComparison.Ordinal) ? "offers WebSockets, ServerSentEvents, LongPolling\n" : "";
            return new KnownDifference[]
            {
                new(NoUpgrade, contractCase, "As over HTTP/1.1, which the client turns to.") { Instead = $"{before}no WebSocket" },
                new(Lighttpd, contractCase, "lighttpd before 1.4.74 offers WebSockets over HTTP/2 whatever stands behind it, and then waits for the end of the request.")
                {
                    Instead = $"{before}the WebSocket waits",
                    Waits = true,
                },
            };
        }),
        new([.. Lighttpd, .. Caddy, .. HaProxy, RouteNames.ScgiNginxHttp2], "request: no Content-Length, no body", "As over HTTP/1.1.")
        {
            Parts = [("13 bytes, none", "10 bytes, 0")],
        },
        new([.. Lighttpd, RouteNames.ApacheHttp2], "request: chunked body",
            "mod_proxy_uwsgi needs the length before the body; lighttpd wants it from every client of HTTP/2.")
        {
            Instead = "411 ",
        },
        new(HaProxy, "request: chunked body", "As over HTTP/1.1.") { Instead = "the connection ended while the body was sent", Or = "400 " },
        new(HaProxy, "body size: 31 MB are too large for the default", "As over HTTP/1.1.") { Instead = "no answer while the body was sent", Waits = true },
        new([.. Caddy, RouteNames.FastCgiH2oHttp2], "response: Server and Date", "As over HTTP/1.1.") { Parts = [("1 Server", "2 Server")] },
        new(Lighttpd, "request: body by GET", "As over HTTP/1.1: here lighttpd ends the stream.") { Instead = "no answer" },
        new(Lighttpd, "response: two headers of a name, two cookies, an empty and a long one", "As over HTTP/1.1.") { Parts = [("x-empty: \n", "")] },
        new([RouteNames.FastCgiApacheHttp2], "response: two headers of a name, two cookies, an empty and a long one", "As over HTTP/1.1.")
        {
            Parts = [("x-twice: one\nx-twice: two\n", "x-twice: one, two\n")],
        },
        new(Lighttpd, "Blazor: its script", "lighttpd adds a priority to scripts.") { Parts = [("text/javascript\n", "text/javascript\npriority: u=2\n")] },
        .. new[] { "static files: If-None-Match", "static files: If-Modified-Since" }.Select(contractCase =>
            new KnownDifference([RouteNames.FastCgiApacheHttp2], contractCase, "As over HTTP/1.1.")
            {
                Parts = [("304 Not Modified\naccept-ranges: bytes\ncontent-type: text/plain\n", "304 Not Modified\naccept-ranges: bytes\n")],
            }),
        .. new[] { "failure: after the head, length unknown", "failure: after a flush, length unknown", "failure: abort, length unknown" }.Select(contractCase =>
            new KnownDifference([RouteNames.ApacheHttp2, .. Lighttpd, .. Caddy, .. HaProxy, RouteNames.FastCgiH2oHttp2], contractCase,
                "These front ends may end the stream in order when the server resets the connection. (nginx does not.)")
            {
                Parts = [(Failure, WholeAnswer)],
                ByChance = true,
            }),
        .. new[] { "failure: after the head, length unknown", "failure: after the head, length known" }.Select(contractCase =>
            new KnownDifference([RouteNames.FastCgiApacheHttp2], contractCase,
                "When the server resets the connection, mod_proxy_fcgi ends nothing: mod_http2 may keep the stream open.")
            {
                Parts = [(Failure, "the client waits")],
                ByChance = true,
                Waits = true,
            }),
        new([RouteNames.FastCgiApacheHttp2], "failure: an answer without reading the body",
            "The client takes 64 KB of an answer before it has sent its body, and mod_proxy_fcgi takes nothing of the body while it has an answer to pass on: "
            + "where the answer comes before the last of the body has been let in, as on busy machines, both wait.")
        {
            Instead = "> POST /unread?length=true&flush=false\nthe client waits",
            ByChance = true,
        },
        .. new[]
        {
            "body size: 1,000 bytes are let in", "download: SendFileAsync", "download: SendFileAsync of a part", "failure: an answer without reading the body",
            "response: CompleteAsync before the handler returns", "response: StartAsync", "response: written by the pipe",
        }.Select(contractCase => new KnownDifference(Caddy, contractCase, "As over HTTP/1.1.")
        {
            Parts = [("200 OK\nbody: ", "200 OK\ncontent-type: text/plain; charset=utf-8\nbody: ")],
            ByChance = true,
        }),
        .. new[] { "PUT", "DELETE", "PATCH", "PROPFIND" }.Select(method =>
            new KnownDifference(Caddy, $"request: method {method}", "As over HTTP/1.1.")
            {
                Parts =
                [
                    ($"body: {344 + method.Length} bytes", $"body: {425 + method.Length} bytes"),
                    ("\"contentType\":null,\"headers\":[", $"\"contentType\":\"{FormType}\",\"headers\":[\"content-type: {FormType}\","),
                ],
            }),
    ];
}
