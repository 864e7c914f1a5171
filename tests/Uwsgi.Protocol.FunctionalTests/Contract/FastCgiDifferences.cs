using System.Text;

namespace Uwsgi.Protocol.FunctionalTests.Contract;

/// <summary>What front ends that speak FastCGI cannot do or do in their own way.</summary>
internal static class FastCgiDifferences
{
    private const string Failure = "the client sees a failure";
    private const string WholeAnswer = "the client sees a whole answer";
    private const string FormType = "application/x-www-form-urlencoded";

    /// <summary>Every route by FastCGI from clients of HTTP/1.1.</summary>
    public static readonly string[] Routes =
    [
        RouteNames.FastCgiDirectTcp, RouteNames.FastCgiDirectUnix, RouteNames.FastCgiNginxTcp, RouteNames.FastCgiNginxUnix, RouteNames.FastCgiNginxKept,
        RouteNames.FastCgiNginxStreaming, RouteNames.FastCgiApache, RouteNames.FastCgiApacheKept, RouteNames.FastCgiLighttpd, RouteNames.FastCgiCaddy,
        RouteNames.FastCgiHaProxy, RouteNames.FastCgiHaProxyMultiplexed, RouteNames.FastCgiH2o,
        RouteNames.FastCgiApacheUnix, RouteNames.FastCgiLighttpdUnix, RouteNames.FastCgiLighttpdSpawned, RouteNames.FastCgiCaddyUnix, RouteNames.FastCgiHaProxyUnix,
        RouteNames.FastCgiH2oUnix,
        RouteNames.OnePortFastCgi, RouteNames.OnePortNginxFastCgi, RouteNames.PipesFastCgiTcp, RouteNames.PipesFastCgiNginxKept,
    ];

    private static readonly string[] Unix =
    [
        RouteNames.FastCgiDirectUnix, RouteNames.FastCgiNginxUnix, RouteNames.FastCgiApacheUnix, RouteNames.FastCgiLighttpdUnix, RouteNames.FastCgiLighttpdSpawned,
        RouteNames.FastCgiCaddyUnix, RouteNames.FastCgiHaProxyUnix, RouteNames.FastCgiH2oUnix,
    ];

    private static readonly string[] Apache = [RouteNames.FastCgiApache, RouteNames.FastCgiApacheKept, RouteNames.FastCgiApacheUnix];

    private static readonly string[] HaProxy = [RouteNames.FastCgiHaProxy, RouteNames.FastCgiHaProxyMultiplexed, RouteNames.FastCgiHaProxyUnix];

    private static readonly string[] Caddy = [RouteNames.FastCgiCaddy, RouteNames.FastCgiCaddyUnix];

    private static readonly string[] Lighttpd = [RouteNames.FastCgiLighttpd, RouteNames.FastCgiLighttpdUnix, RouteNames.FastCgiLighttpdSpawned];

    public static readonly KnownDifference[] All =
    [
        .. new[] { "WebSocket: echoes text, bytes and 1 MB", "WebSocket: the server speaks first and closes first" }.Select(contractCase =>
            new KnownDifference(Routes, contractCase, "No front end carries an upgrade by FastCGI, but for lighttpd from 1.4.74 on.") { Instead = "no WebSocket" }),
        new(Routes, "SignalR: by WebSockets", "No front end carries an upgrade by FastCGI, but for lighttpd from 1.4.74 on.")
        {
            Instead = "offers WebSockets, ServerSentEvents, LongPolling\nno WebSocket",
        },
        new([.. Lighttpd, .. Caddy, .. HaProxy], "request: no Content-Length, no body", "lighttpd, Caddy and HAProxy send CONTENT_LENGTH=0 with every request that has no body.")
        {
            Parts = [("13 bytes, none", "10 bytes, 0")],
        },
        new(Unix, "failure: after the head, length unknown",
            "A unix socket has no reset: the request ends short, and without a length nobody can tell.")
        {
            Parts = [(Failure, WholeAnswer)],
        },
        .. new[] { "failure: after the head, length unknown", "failure: after a flush, length unknown", "failure: abort, length unknown" }.Select(contractCase =>
            new KnownDifference([.. Apache.Except(Unix), .. Lighttpd.Except(Unix), .. Caddy.Except(Unix), RouteNames.FastCgiH2o], contractCase,
                "These front ends may end their own answer in order when the server resets the connection. (nginx and HAProxy do not.)")
            {
                Parts = [(Failure, WholeAnswer)],
                ByChance = true,
            }),
        new([RouteNames.FastCgiHaProxyUnix], "failure: after the head, length known",
            "A unix socket has no reset: the request ends short, and HAProxy waits for the rest until its timeout.")
        {
            Parts = [(Failure, "the client waits")],
            Waits = true,
        },
        new([RouteNames.FastCgiHaProxyMultiplexed], "failure: after the head, length unknown",
            "A reset would end the other requests of the connection too: where there are any, this one ends short, and without a length nobody can tell.")
        {
            Parts = [(Failure, WholeAnswer)],
            ByChance = true,
        },
        new([RouteNames.FastCgiHaProxyMultiplexed], "failure: after the head, length known",
            "A reset would end the other requests of the connection too: where there are any, this one ends short, and HAProxy waits for the rest until its timeout.")
        {
            Parts = [(Failure, "the client waits")],
            ByChance = true,
        },
        new([RouteNames.FastCgiHaProxyMultiplexed], "response: fifty requests at once",
            "HAProxy says 500 by itself to some of many that come in the same moment.")
        {
            Sometimes = "500 " + Encoding.ASCII.GetString(Testing.HaProxy.OwnError),
        },
        new(HaProxy, "request: chunked body", "HAProxy collects a body without a length in one buffer (tune.bufsize, 16 KB) and answers 400 where it does not fit.")
        {
            Instead = "the connection ended while the body was sent",
            Or = "400 ",
        },
        new(HaProxy, "body size: 31 MB are too large for the default",
            "HAProxy hands the 413 on and reads no more of the body; this client looks for an answer only when it has sent everything.")
        {
            Instead = "no answer while the body was sent",
            Waits = true,
        },
        new(Caddy, "body size: 31 MB are too large for the default", "Caddy may close the client's connection while it still sends.")
        {
            Instead = "the connection ended while the body was sent",
            ByChance = true,
        },
        new([.. Caddy, RouteNames.FastCgiH2o, RouteNames.FastCgiH2oUnix], "response: Server and Date", "Caddy and h2o add a Server header of their own.")
        {
            Parts = [("1 Server", "2 Server")],
        },
        new(Lighttpd, "request: body by GET", "lighttpd refuses it, unless server.http-parseopts has method-get-body.") { Instead = "400" },
        new(Lighttpd, "response: status 418", "lighttpd writes its own reasons and knows none for 418.") { Parts = [("418 I'm a teapot", "418 ")] },
        new(Lighttpd, "response: two headers of a name, two cookies, an empty and a long one", "lighttpd drops a header without a value.")
        {
            Parts = [("x-empty: \n", "")],
        },
        new(Apache, "response: two headers of a name, two cookies, an empty and a long one", "mod_proxy_fcgi joins the values of a name, but for cookies.")
        {
            Parts = [("x-twice: one\nx-twice: two\n", "x-twice: one, two\n")],
        },
        .. new[] { "static files: If-None-Match", "static files: If-Modified-Since" }.Select(contractCase =>
            new KnownDifference([.. Apache, .. Caddy], contractCase, "Apache and Caddy take the Content-Type off a 304, as HTTP allows.")
            {
                Parts = [("304 Not Modified\naccept-ranges: bytes\ncontent-type: text/plain\n", "304 Not Modified\naccept-ranges: bytes\n")],
            }),
        new(Caddy, "body size: 1,001 bytes are too large", "Caddy writes its own reasons.") { Parts = [("413 Payload Too Large", "413 Request Entity Too Large")] },
        new(Caddy, "static files: a range that is not there", "Caddy writes its own reasons.")
        {
            Parts = [("416 Range Not Satisfiable", "416 Requested Range Not Satisfiable")],
        },
        .. new[]
        {
            "body size: 1,000 bytes are let in", "download: SendFileAsync", "download: SendFileAsync of a part", "failure: an answer without reading the body",
            "response: CompleteAsync before the handler returns", "response: StartAsync", "response: written by the pipe",
        }.Select(contractCase => new KnownDifference(Caddy, contractCase, "Caddy guesses the Content-Type of an answer that has none, unless it sends the head before it sees the body.")
        {
            Parts = [("200 OK\nbody: ", "200 OK\ncontent-type: text/plain; charset=utf-8\nbody: ")],
            ByChance = true,
        }),
        .. new[] { "PUT", "DELETE", "PATCH", "PROPFIND" }.Select(method =>
            new KnownDifference(Caddy, $"request: method {method}", "Caddy says CONTENT_TYPE=application/x-www-form-urlencoded where the client says none.")
            {
                Parts =
                [
                    ($"body: {345 + method.Length} bytes", $"body: {426 + method.Length} bytes"),
                    ("\"contentType\":null,\"headers\":[", $"\"contentType\":\"{FormType}\",\"headers\":[\"content-type: {FormType}\","),
                ],
            }),
    ];
}
