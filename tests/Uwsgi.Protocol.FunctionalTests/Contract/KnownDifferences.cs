namespace Uwsgi.Protocol.FunctionalTests.Contract;

/// <summary>What front ends cannot do or do in their own way, and the one thing in which the server does not follow Kestrel.</summary>
internal static class KnownDifferences
{
    private const string Failure = "the client sees a failure";
    private const string WholeAnswer = "the client sees a whole answer";

    private static readonly string[] Scgi =
    [
        RouteNames.ScgiDirectTcp, RouteNames.ScgiDirectUnix, RouteNames.ScgiNginxTcp, RouteNames.ScgiNginxUnix, RouteNames.ScgiNginxStreaming,
        RouteNames.ScgiNginxStreamingUnix, RouteNames.ScgiApache, RouteNames.ScgiApacheUnix, RouteNames.ScgiLighttpd, RouteNames.ScgiLighttpdUnix,
        RouteNames.OnePortScgi, RouteNames.OnePortNginxScgi, RouteNames.PipesScgiTcp,
    ];

    private static readonly string[] Gateway =
    [
        .. FastCgiDifferences.Routes, .. Scgi,
        RouteNames.DirectTcp, RouteNames.DirectUnix, RouteNames.NginxTcp, RouteNames.NginxUnix, RouteNames.NginxStreaming, RouteNames.NginxStreamingUnix, RouteNames.NginxTls,
        RouteNames.Apache, RouteNames.ApacheUnix, RouteNames.Lighttpd, RouteNames.LighttpdUnix, RouteNames.UwsgiRouter,
        RouteNames.OnePortUwsgi, RouteNames.OnePortNginxUwsgi, RouteNames.PipesTcp, RouteNames.PipesUnix, RouteNames.PipesNginxUnix,
    ];

    private static readonly string[] NginxProxy = [RouteNames.NginxProxy, RouteNames.OnePortNginxProxy];

    private static readonly string[] ScgiApache = [RouteNames.ScgiApache, RouteNames.ScgiApacheUnix];

    private static readonly string[] Apache = [RouteNames.Apache, RouteNames.ApacheUnix, .. ScgiApache];

    private static readonly string[] Lighttpd = [RouteNames.Lighttpd, RouteNames.LighttpdUnix, RouteNames.ScgiLighttpd, RouteNames.ScgiLighttpdUnix];

    private static readonly string[] Unix =
    [
        RouteNames.DirectUnix, RouteNames.NginxUnix, RouteNames.NginxStreamingUnix, RouteNames.ApacheUnix, RouteNames.PipesUnix, RouteNames.PipesNginxUnix, RouteNames.ScgiDirectUnix,
        RouteNames.ScgiNginxUnix, RouteNames.ScgiNginxStreamingUnix, RouteNames.ScgiApacheUnix, RouteNames.ScgiLighttpdUnix, RouteNames.LighttpdUnix,
    ];

    public static readonly KnownDifference[] All =
    [
        .. FastCgiDifferences.All, .. Http2Differences.All,
        new(Gateway, "response: hop-by-hop headers that the app sets",
            "They speak of a connection that is not the client's: the server does not pass them on. (Kestrel does.)")
        {
            Parts = [("keep-alive: timeout=5\nproxy-connection: keep-alive\ntrailer: X-Checksum\nupgrade: h2c\n", "")],
        },
        new(NginxProxy, "response: hop-by-hop headers that the app sets", "nginx knows this one itself.")
        {
            Parts = [("keep-alive: timeout=5\n", "")],
        },
        new([.. Gateway, .. Http2Differences.Routes], "failure: more than Content-Length", "Nothing has left the server yet: it can still say 500, where Kestrel can only cut.")
        {
            Parts = [("200 OK\nbody: truncated", "500 Internal Server Error\nbody: 0 bytes, ")],
        },
        new(NginxProxy, "body size: 31 MB are too large for the default", "Kestrel closes its connection while nginx still writes to it. (uwsgi_pass, scgi_pass and fastcgi_pass are not hit: the server reads on.)")
        {
            Parts = [("RequestEntityTooLarge", "BadGateway")],
            ByChance = true,
        },
        new(Unix, "failure: after the head, length unknown",
            "A unix socket has no reset. Without a length nobody there can tell an end from a cut.")
        {
            Parts = [(Failure, WholeAnswer)],
        },
        .. new[] { "failure: after the head, length unknown", "failure: after a flush, length unknown", "failure: abort, length unknown" }.Select(contractCase =>
            new KnownDifference([RouteNames.Apache, RouteNames.Lighttpd, RouteNames.UwsgiRouter, RouteNames.ScgiApache, RouteNames.ScgiLighttpd], contractCase,
                "These front ends may end their own answer in order when the server resets the connection. (nginx does not.)")
            {
                Parts = [(Failure, WholeAnswer)],
                ByChance = true,
            }),
        new([RouteNames.UwsgiRouter], "failure: an answer without reading the body",
            "When the app's side of the connection ends, the router closes the client's, though it has not read all that the client sends: a reset, which may overtake the answer.")
        {
            Instead = "> POST /unread?length=true&flush=false\n200 OK\nbody: truncated",
            Or = "> POST /unread?length=true&flush=false\nthe connection ended while the body was sent",
            ByChance = true,
        },
        new(Apache, "request: chunked body", "mod_proxy_uwsgi and mod_proxy_scgi answer 411: these protocols need the length before the body.") { Instead = "411 " },
        new(Apache, "WebSocket: echoes text, bytes and 1 MB", "Neither mod_proxy_uwsgi nor mod_proxy_scgi can switch protocols.") { Instead = "no WebSocket" },
        new(Apache, "WebSocket: the server speaks first and closes first", "Neither mod_proxy_uwsgi nor mod_proxy_scgi can switch protocols.") { Instead = "no WebSocket" },
        new(Apache, "SignalR: by WebSockets", "Neither mod_proxy_uwsgi nor mod_proxy_scgi can switch protocols.") { Instead = "offers WebSockets, ServerSentEvents, LongPolling\nno WebSocket" },
        new(Lighttpd, "WebSocket: echoes text, bytes and 1 MB", "lighttpd's mod_scgi cannot switch protocols before 1.4.74.") { Instead = "no WebSocket" },
        new(Lighttpd, "WebSocket: the server speaks first and closes first", "lighttpd's mod_scgi cannot switch protocols before 1.4.74.") { Instead = "no WebSocket" },
        new(Lighttpd, "SignalR: by WebSockets", "lighttpd's mod_scgi cannot switch protocols before 1.4.74.")
        {
            Instead = "offers WebSockets, ServerSentEvents, LongPolling\nno WebSocket",
        },
        new([.. Scgi, RouteNames.Lighttpd, RouteNames.LighttpdUnix], "request: no Content-Length, no body",
            "SCGI demands a CONTENT_LENGTH, which is 0 where there is no body; lighttpd sends it by uwsgi too.")
        {
            Parts = [("13 bytes, none", "10 bytes, 0")],
        },
        new(Lighttpd, "request: body by GET", "lighttpd refuses it, unless server.http-parseopts has method-get-body.")
        {
            Instead = "400",
        },
        new(Lighttpd, "response: status 418", "lighttpd writes its own reasons and knows none for 418.") { Parts = [("418 I'm a teapot", "418 ")] },
        new(Lighttpd, "response: two headers of a name, two cookies, an empty and a long one", "lighttpd drops a header without a value.")
        {
            Parts = [("x-empty: \n", "")],
        },
        new(ScgiApache, "response: two headers of a name, two cookies, an empty and a long one", "mod_proxy_scgi joins the values of a name, but for cookies.")
        {
            Parts = [("x-twice: one\nx-twice: two\n", "x-twice: one, two\n")],
        },
        .. new[] { "static files: If-None-Match", "static files: If-Modified-Since" }.Select(contractCase =>
            new KnownDifference(ScgiApache, contractCase, "Apache takes the Content-Type off a 304, as HTTP allows; by uwsgi it does not.")
            {
                Parts = [("304 Not Modified\naccept-ranges: bytes\ncontent-type: text/plain\n", "304 Not Modified\naccept-ranges: bytes\n")],
            }),
    ];

    /// <summary>Where a client waits for nothing.</summary>
    public static IEnumerable<(string Route, string Case)> Waits =>
    [
        .. from difference in All where difference.Waits from route in difference.Routes select (route, difference.Case),

        // For the rest of an answer that ended short, until the front end takes its client's connection for an idle one.
        .. from route in new[]
           {
               RouteNames.ApacheUnix, RouteNames.ScgiApacheUnix, RouteNames.FastCgiApacheUnix, RouteNames.LighttpdUnix, RouteNames.ScgiLighttpdUnix,
               RouteNames.FastCgiLighttpdUnix, RouteNames.FastCgiLighttpdSpawned,
           }
           select (route, "failure: after the head, length known"),
    ];

    public static KnownDifference? Of(string route, string contractCase) =>
        All.SingleOrDefault(difference => difference.Case == contractCase && difference.Routes.Contains(route));
}
