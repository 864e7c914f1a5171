using System.Diagnostics.CodeAnalysis;
using static Uwsgi.Protocol.Ini.UwsgiOptionKind;
using static Uwsgi.Protocol.Ini.UwsgiOptionRole;

namespace Uwsgi.Protocol.Ini;

/// <summary>uWSGI's options, each of them once, and what becomes of it.</summary>
internal static class UwsgiOptionTable
{
    private const string NeedsMaster = "needs the process master";
    private const string OfLanguage = "is about Python or another language that uWSGI hosts";

    private static readonly UwsgiOption[] All =
    [
        // Sockets.
        Own("socket uwsgi-socket", List, "an endpoint that speaks uwsgi, or what protocol says"),
        Own("fastcgi-socket", List, "an endpoint that speaks FastCGI"),
        Own("scgi-socket", List, "an endpoint that speaks SCGI"),
        Own("http-socket http http11-socket httprouter", List, "an endpoint of Kestrel's that speaks HTTP"),
        Own("https https-socket", List, "an endpoint of Kestrel's that speaks HTTPS: address,certificate,key[,ciphers[,client CA]]"),
        Own("protocol socket-protocol", Value, "what socket speaks: uwsgi, http, fastcgi or scgi"),
        Own("shared-socket undeferred-shared-socket", List, "an address that other sockets name by its number: =0"),
        Own("chmod-socket chmod", Value, "UnixSocketOptions.Mode"),
        Own("chown-socket", Value, "UnixSocketOptions.Owner and Group"),
        Own("vacuum", Flag, "UnixSocketOptions.RemoveAtStop, and removal of pidfile"),
        Own("listen", Value, "UwsgiProtocolOptions.Backlog"),

        // Limits.
        Own("buffer-size", Value, "UwsgiProtocolLimits.MaxRequestVariablesSize"),
        Own("limit-post", Value, "UwsgiProtocolLimits.MaxRequestBodySize, and Kestrel's"),
        Own("socket-timeout", Value, "UwsgiProtocolLimits.RequestHeadTimeout"),
        Own("max-vars", Value, "UwsgiProtocolLimits.MaxRequestVariableCount"),

        // What is around a request.
        Own("harakiri", Value, "HarakiriOptions.Timeout; 0 is none"),
        Own("harakiri-graceful-timeout", Value, "HarakiriOptions.Grace"),
        Own("harakiri-verbose", Flag, "HarakiriOptions.Verbose"),
        Own("stats stats-server", List, "UwsgiStatsOptions.Addresses"),
        Own("stats-http", Flag, "UwsgiStatsOptions.Http"),
        Own("stats-minified stats-min", Flag, "UwsgiStatsOptions.Minified"),
        Own("stats-no-cores", Flag, "UwsgiStatsOptions.ShowCores"),

        // Files.
        Own("offload-threads offload-thread", Value, "OffloadOptions.OffloadThreads"),
        Own("static-map", List, "OffloadOptions.StaticMaps"),
        Own("check-static static-check", List, "OffloadOptions.CheckStatic"),
        Own("static-safe", List, "OffloadOptions.StaticSafe"),
        Own("file-serve-mode fileserve-mode", Value, "OffloadOptions.XAccelRedirect or FrontEndXSendfile, of the directories above"),

        // The request log, which any of them switches on.
        Own("log-format logformat", Value, "UwsgiRequestLogOptions.Format"),
        Own("logto logto2", Value, "UwsgiRequestLogOptions.File"),
        Own("req-logger logger-req", Value, "UwsgiRequestLogOptions.File: file:path"),
        Own("logfile-chmod", Value, "UwsgiRequestLogOptions.FileMode"),
        Own("logfile-chown", Flag, "UwsgiRequestLogOptions.FileOwner and FileGroup are what uid and gid say"),
        Own("log-maxsize", Value, "UwsgiRequestLogOptions.MaxFileSize, in bytes"),
        Own("log-backupname", Value, "UwsgiRequestLogOptions.BackupFile"),
        Own("disable-logging", Flag, "UwsgiRequestLogOptions.LogAll"),
        Own("log-zero", Flag, "UwsgiRequestLogOptions.LogEmpty"),
        Own("log-4xx", Flag, "UwsgiRequestLogOptions.Log4xx"),
        Own("log-5xx", Flag, "UwsgiRequestLogOptions.Log5xx"),
        Own("log-ioerror", Flag, "UwsgiRequestLogOptions.LogErrors"),
        Own("log-slow", Value, "UwsgiRequestLogOptions.LogSlowerThan, in milliseconds"),
        Own("log-big", Value, "UwsgiRequestLogOptions.LogLargerThan, in bytes"),
        Own("log-micros", Flag, "UwsgiRequestLogOptions.UseMicroseconds"),
        Own("log-x-forwarded-for", Flag, "UwsgiRequestLogOptions.UseForwardedFor"),
        Own("log-format-strftime logformat-strftime", Flag, "UwsgiRequestLogOptions.TimeFormat is what log-date says"),
        Own("log-date logdate", Value, "UwsgiRequestLogOptions.TimeFormat, with log-format-strftime"),

        // The process.
        Own("env", List, "an environment variable, and what configuration makes of it"),
        Own("unenv", List, "an environment variable less"),
        Own("chdir", Value, "the working directory"),
        Own("pidfile pidfile2", List, "a file with the process's number, from before the start on"),
        Own("safe-pidfile safe-pidfile2", List, "a file with the process's number, once the app listens"),
        Own("threads thread", Value, "how many threads there are at least for code that blocks"),
        Own("strict", Flag, "whether what is unknown or not supported stops the start; on by default"),
        Own("show-config", Flag, "shows the configuration, and ends"),

        // So without them.
        .. Each(AlwaysSo, Flag, "is always so here",
            """
            enable-threads die-on-term lazy-apps need-app tcp-nodelay ignore-sigpipe ignore-write-errors disable-write-exception single-interpreter
            http-keepalive http-websockets http-chunked-input http-auto-chunked http-manage-expect http-raw-body close-on-exec close-on-exec2 thunder-lock
            manage-script-name no-threads-wait honour-stdin skip-zero skip-atexit skip-atexit-teardown no-defer-accept master-as-root no-orphans
            no-fd-passing pcre-jit write-errors-exception-only
            harakiri-no-arh no-harakiri-arh no-harakiri-after-req-hook stats-no-metrics threaded-logger log-master log-reopen honour-range
            """),
        .. Each(AlwaysSo, Value, "is not needed: what waits takes no thread", "async ugreen harakiri-graceful-signal write-errors-tolerance"),
        .. Each(AlwaysSo, List, "is not needed: the request log is opened anew every second", "touch-logreopen"),
        .. Each(AlwaysSo, List, "is not needed: nothing is a plugin here",
            "plugin plugins plugin-dir plugins-dir need-plugin need-plugins autoload"),

        // The master's.
        .. Each(Kept, Flag, NeedsMaster,
            """
            master lazy cheap die-on-idle vassal-sos heartbeat auto-procname procname-prefix-spaced exit-on-reload memory-report
            early-emperor namespace-keep-mount daemons-honour-stdin propagate-touch start-unsubscribed unsubscribe-on-graceful-reload
            never-swap no-initgroups immediate-uid immediate-gid drop-after-init drop-after-apps reuse-port shutdown-sockets
            """),
        .. Each(Kept, Value, NeedsMaster,
            """
            processes|workers uid gid max-requests max-requests-delta min-worker-lifetime max-worker-lifetime max-worker-lifetime-delta reload-mercy
            worker-reload-mercy mule-reload-mercy reload-on-as reload-on-rss evil-reload-on-as evil-reload-on-rss limit-as limit-nproc max-fd
            forkbomb-delay idle procname procname-append procname-master procname-prefix daemonize daemonize2 umask nice prio cpu-affinity ksm
            check-interval mem-collector-freq reload-on-exception reload-on-exception-type reload-on-exception-value reload-on-exception-repr
            thread-stacksize|thread-stack-size|threads-stacksize|threads-stack-size body-read-warning
            auto-weight weight notify-socket safe-fd|fd-safe check-mount|check-mountpoint|mountpoint-check
            chroot pivot-root|pivot_root cap unshare unshare2 namespace|ns namespace-net|ns-net
            """),
        .. Each(Kept, List, NeedsMaster,
            """
            master-fifo add-gid map-socket attach-daemon attach-daemon2 attach-control-daemon smart-attach-daemon smart-attach-daemon2 mule mules farm
            cron cron2 unique-cron* unique-legion-cron timer rbtimer signal-timer signal-rbtimer worker-exec worker-exec2 zerg zerg-server zerg-fallback
            emperor* vassal* spooler* cheaper* touch-* fs-* legion* subscri* st cgroup* rlimit-* mule-* cron-*
            """),

        .. Each(Kept, List, "is not done by this version",
            """
            static-index static-expires* static-gzip* static-cache-paths* mime-file|mimefile disable-sendfile log-sendfile
            """),

        // Python's, and those of other languages.
        .. Each(Kept, Value, OfLanguage,
            """
            module|wsgi wsgi-file|file callable virtualenv|home|venv|pyhome paste paste-logger gevent gevent-early-monkey-patch gevent-monkey-patch gevent-wait-for-hub
            asyncio greenlet tornado eval optimize py-autoreload|python-auto-reload py-call-osafterfork py-tracebacker|py-traceback catch-exceptions
            wsgi-env-behaviour|wsgi-env-behavior wsgi-manage-chunked-input wsgi-lite wsgi-accept-buffer|wsgi-accept-buffers wsgi-strict wsgi-disable-file-wrapper
            pyrun pep3333-input python-worker-override py-sharedarea pecan web3 pump loop max-apps no-default-app coroae psgi rack rails php-app
            http-modifier1 http-modifier2 http-socket-modifier1 http-socket-modifier2 https-socket-modifier1 https-socket-modifier2
            fastcgi-modifier1 fastcgi-modifier2 scgi-modifier1 scgi-modifier2 raw-modifier1 raw-modifier2
            """),
        .. Each(Kept, List, OfLanguage,
            """
            pythonpath|python-path|pp pyargv import|pyimport|py-import shared-import|shared-pyimport|shared-py-import
            spooler-import|spooler-python-import|spooler-pyimport mount worker-mount pymodule-alias post-pymodule-alias ini-paste ini-paste-logged
            perl* ruby* php-* lua* rb* gem* rvm* jvm* mono* go-*
            """),

        // Whatever would run a program, a function of the process or a library.
        .. Each(Dangerous, List, "is refused: nothing is run for a configuration",
            """
            exec-* call-* hook-* after-request-hook after-request-call dlopen symcall* cgi* binsh fallback-config emperor-magic-exec worker-exec* command-mode
            build-plugin extract file-write alarm* log-alarm backlog-alarm listen-queue-alarm lq-alarm segfault-alarm mount-* umount-* privileged-binary-patch* unprivileged-binary-patch*
            """),

        // The rest, with what to do instead.
        .. Each(Refused, List, "is not supported: what a request comes to is the app's to say (routing, UseRewriter)",
            "route* error-route* response-route* final-route* remap-modifier allowed-modifiers"),
        .. Each(Refused, List, "is not supported: the app has middleware for it",
            """
            add-header del-header rem-header collect-header response-header-collect response-headers-limit error-page-403 error-page-404 error-page-500
            ignore-script-name vhost vhost-host upload-progress websocket-* websockets-* chunked-input-limit chunked-input-timeout
            """),
        .. Each(Refused, List, "is not supported: a request's body is not buffered; the app may call Request.EnableBuffering()",
            "post-buffering post-buffering-bufsize"),
        .. Each(Refused, List, "is not supported: of uWSGI's formats only ini is read; JSON can be the app's own (appsettings.json, a section uwsgi)",
            "config xml xmlconfig yaml yml json js sqlite3 ldap ldap-schema"),
        .. Each(Refused, List, "is not supported: ASP.NET Core has caches", "cache* add-cache-item load-file-in-cache load-file-in-cache-gzip queue queue-* check-cache"),
        .. Each(Refused, List, "is not supported: write http-socket or https, and set the rest by the app's Kestrel",
            """
            https2 http-to https-export-cert https-session-context http-to-https http-use-* http-processes http-workers http-buffer-size
            http-timeout http-headers-timeout http-connect-timeout http-events http-subscription-* http-var http-stats http-stats-server http-ss http-harakiri http-gid
            http-uid http-zerg http-fallback http-gracetime http-quiet http-cheap http-auto-gzip http-enable-proxy-protocol http-manage-rtsp http-manage-source
            http-resubscribe http-stud-prefix http-server-name-as-http-host
            sni* ssl-* enable-proxy-protocol
            """),
        .. Each(Refused, List, "is not supported: write static-map, with the directories that hold nothing else", "static-map2 check-static-docroot static-skip-ext"),
        .. Each(Refused, List, "is not supported: logs are ILogger's, and logrotate's where logto names a file",
            """
            logger log-route log-req-route log-filter log-drain log-encoder log-req-encoder log-prefix log-truncate log-syslog log-socket
            log-master-bufsize log-master-stream log-master-req-stream logger-list loggers-list not-log-alarm not-alarm-log
            """),
        .. Each(Refused, List, "is not supported here",
            """
            suwsgi-socket ssl-socket puwsgi-socket raw-socket fastcgi-nph-socket scgi-nph-socket abstract-socket freebind so-keepalive so-send-timeout|socket-send-timeout|so-write-timeout|socket-write-timeout socket-sndbuf
            socket-rcvbuf tcp-fast-open|tcp-fastopen tcp-fast-open-client|tcp-fastopen-client fastrouter* rawrouter* sslrouter* forkptyrouter* tuntap* udp multicast*
            snmp* metric* enable-metrics harakiri-queue-threshold stats-push stats-pusher* sharedarea rpc-max locks lock-engine ftok persistent-ipcsem flock flock2 flock-wait flock-wait2
            wait-for-* wait-iface* wait-interface* setns* reload-on-fd brutal-reload-on-fd signal* signals-bufsize exception-handler exit force-cwd chdir2 refork* re-fork*
            envdir early-envdir declare-option declare-option2 resolve pull-header blacklist end-blacklist whitelist end-whitelist clock inject-before inject-after jailed profiler pty* reaper mode backtrace-depth use-abort
            """),
    ];

    private static readonly Dictionary<string, UwsgiOption> ByName = All
        .SelectMany(static option => option.Names.Select(name => (Name: name, Option: option)))
        .Where(static entry => !entry.Name.EndsWith('*'))
        .ToDictionary(static entry => entry.Name, static entry => entry.Option, StringComparer.OrdinalIgnoreCase);

    private static readonly (string Prefix, UwsgiOption Option)[] Families =
    [
        .. All.Where(static option => option.Name.EndsWith('*')).Select(static option => (option.Name.TrimEnd('*'), option)),
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<UwsgiOption> Options => All;

    /// <summary>Finds an option by one of its names, in which an underscore is a hyphen.</summary>
    public static bool TryFind(string name, [NotNullWhen(true)] out UwsgiOption? option)
    {
        var spelled = name.Replace('_', '-');
        return ByName.TryGetValue(name, out option)
            || ByName.TryGetValue(spelled, out option)
            || (option = Array.Find(Families, family => spelled.StartsWith(family.Prefix, StringComparison.OrdinalIgnoreCase)).Option) is not null;
    }

    /// <summary>The name that somebody may have meant; null where none is like it.</summary>
    public static string? Suggest(string name)
    {
        var spelled = name.Replace('_', '-').ToLowerInvariant();
        var (distance, nearest) = ByName.Keys
            .Where(known => Math.Abs(known.Length - spelled.Length) < 3)
            .Select(known => (EditDistance.Of(spelled, known), known))
            .DefaultIfEmpty((int.MaxValue, ""))
            .Min();
        return distance <= Math.Clamp(spelled.Length / 3, 1, 2) ? nearest : null;
    }

    private static UwsgiOption Own(string names, UwsgiOptionKind kind, string note) => Option(Here, kind, note, names.Split(' '));

    private static IEnumerable<UwsgiOption> Each(UwsgiOptionRole role, UwsgiOptionKind kind, string note, string names) =>
        names.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Select(name => Option(role, kind, note, name.Split('|')));

    private static UwsgiOption Option(UwsgiOptionRole role, UwsgiOptionKind kind, string note, string[] names) =>
        new(names[0], kind, role, note) { Aliases = names[1..] };
}
