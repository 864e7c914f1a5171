namespace Uwsgi.Protocol.LoadBench;

/// <summary>All there are.</summary>
internal static class Scenarios
{
    private const string Python = "uWSGI, Python";
    private const string Php = "php-fpm";
    private const string HttpNew = "Kestrel HTTP, new";
    private const string HttpKept = "Kestrel HTTP, kept";
    private const string FastCgiKept = "FastCGI, kept";
    private const string ProxyTcp = "proxy_pass, kept, TCP";
    private const string ProxyUnix = "proxy_pass, kept, unix";

    public static IReadOnlyList<Scenario> All { get; } =
    [
        Hello("hello-unix", unix: true),
        Hello("hello-tcp", unix: false),
        One("one-unix", unix: true),
        One("one-tcp", unix: false),
        new LoadScenario("nginx", "the same by HTTP through nginx, whose CPU is in a column of its own", Question.Hello, 64,
        [
            new("uwsgi_pass, unix", Ours(LoadProtocol.Uwsgi), Unix: true, ConnectionUse.Kept, BehindNginx: true),
            new("scgi_pass, unix", Ours(LoadProtocol.Scgi), Unix: true, ConnectionUse.Kept, BehindNginx: true),
            new("fastcgi_pass, kept, unix", Ours(LoadProtocol.FastCgi), Unix: true, ConnectionUse.Kept, BehindNginx: true),
            new("uwsgi_pass, unix, uWSGI, Python", new UwsgiPython(), Unix: true, ConnectionUse.Kept, BehindNginx: true),
            new(ProxyTcp, Kestrel, Unix: false, ConnectionUse.Kept, BehindNginx: true),
            new(ProxyUnix, Kestrel, Unix: true, ConnectionUse.Kept, BehindNginx: true),
        ], ProxyTcp, ProxyUnix),
        new LoadScenario("crowd", "512 clients at once over TCP", Question.Hello, 512,
        [
            new("uwsgi", Ours(LoadProtocol.Uwsgi), Unix: false, ConnectionUse.New),
            new("SCGI", Ours(LoadProtocol.Scgi), Unix: false, ConnectionUse.New),
            new("FastCGI, new", Ours(LoadProtocol.FastCgi), Unix: false, ConnectionUse.New),
            new(FastCgiKept, Ours(LoadProtocol.FastCgi), Unix: false, ConnectionUse.Kept),
            new(HttpNew, Kestrel, Unix: false, ConnectionUse.New),
            new(HttpKept, Kestrel, Unix: false, ConnectionUse.Kept),
        ], HttpNew),
        Large("10k", "responses of 10 KiB over unix sockets", Question.TenKilobytes),
        Large("1m", "responses of 1 MiB over unix sockets", Question.OneMegabyte),
        Large("upload", "uploads of 1 MiB over unix sockets", Question.Upload),
        new IdleScenario(
        [
            new(FastCgiKept, Ours(LoadProtocol.FastCgi), Unix: true, ConnectionUse.Kept),
            new("FastCGI, kept, Kestrel's transport", OnKestrel(LoadProtocol.FastCgi), Unix: true, ConnectionUse.Kept),
            new(HttpKept, Kestrel, Unix: true, ConnectionUse.Kept),
        ]),
    ];

    private static AspNetServer Kestrel => new(LoadProtocol.Http);

    private static AspNetServer Ours(LoadProtocol protocol) => new(protocol);

    private static AspNetServer OnKestrel(LoadProtocol protocol) => new(protocol, GatewayTransport.Kestrel);

    private static LoadScenario Hello(string name, bool unix) => new(name, $"hello world over {Sockets(unix)}", Question.Hello, 64,
    [
        new("uwsgi", Ours(LoadProtocol.Uwsgi), unix, ConnectionUse.New),
        new("uwsgi, Kestrel's transport", OnKestrel(LoadProtocol.Uwsgi), unix, ConnectionUse.New),
        new("SCGI", Ours(LoadProtocol.Scgi), unix, ConnectionUse.New),
        new("FastCGI, new", Ours(LoadProtocol.FastCgi), unix, ConnectionUse.New),
        new(FastCgiKept, Ours(LoadProtocol.FastCgi), unix, ConnectionUse.Kept),
        new("FastCGI, kept, Kestrel's transport", OnKestrel(LoadProtocol.FastCgi), unix, ConnectionUse.Kept),
        new("FastCGI, 16 on a connection", Ours(LoadProtocol.FastCgi), unix, ConnectionUse.Multiplexed),
        new("FastCGI, 16 on a connection, Kestrel's transport", OnKestrel(LoadProtocol.FastCgi), unix, ConnectionUse.Multiplexed),
        new(Python, new UwsgiPython(), unix, ConnectionUse.New),
        new(Php, new PhpFpm(), unix, ConnectionUse.New),
        new(HttpNew, Kestrel, unix, ConnectionUse.New),
        new(HttpKept, Kestrel, unix, ConnectionUse.Kept),
    ], Python, HttpKept, FastCgiKept);

    // A load for one connection: the multiplexed one has 16 requests on it, the others have one.
    private static LoadScenario One(string name, bool unix) => new(name, $"one connection over {Sockets(unix)}", Question.Hello, 1,
    [
        new(FastCgiKept, Ours(LoadProtocol.FastCgi), unix, ConnectionUse.Kept),
        new("FastCGI, 16 on a connection", Ours(LoadProtocol.FastCgi), unix, ConnectionUse.Multiplexed),
        new("FastCGI, 16 on a connection, Kestrel's transport", OnKestrel(LoadProtocol.FastCgi), unix, ConnectionUse.Multiplexed),
        new(HttpKept, Kestrel, unix, ConnectionUse.Kept),
    ], FastCgiKept);

    private static LoadScenario Large(string name, string about, Question question) => new(name, about, question, 16,
    [
        new("uwsgi", Ours(LoadProtocol.Uwsgi), Unix: true, ConnectionUse.New),
        new("SCGI", Ours(LoadProtocol.Scgi), Unix: true, ConnectionUse.New),
        new(FastCgiKept, Ours(LoadProtocol.FastCgi), Unix: true, ConnectionUse.Kept),
        new(Python, new UwsgiPython(), Unix: true, ConnectionUse.New),
        new(Php, new PhpFpm(), Unix: true, ConnectionUse.New),
        new(HttpNew, Kestrel, Unix: true, ConnectionUse.New),
        new(HttpKept, Kestrel, Unix: true, ConnectionUse.Kept),
    ], HttpKept, HttpNew);

    private static string Sockets(bool unix) => unix ? "unix sockets" : "TCP";
}
