using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>nginx, one worker, before a server: connections are kept where the protocol knows that.</summary>
internal static class NginxFront
{
    public const string Program = "nginx";

    // Connections are kept for as long as a run lasts, on both sides.
    private const string Keepalive = "keepalive_requests 100000000;";

    public static RunningProcess Start(TemporaryDirectory directory, ListenAddress address, LoadProtocol protocol, ListenAddress backend)
    {
        var user = Environment.IsPrivilegedProcess ? "user root;" : "";
        var kept = protocol is LoadProtocol.Http or LoadProtocol.FastCgi ? $"keepalive 128; {Keepalive}" : "";
        var configuration = directory.Write("nginx.conf", $$"""
            daemon off;
            {{user}}
            worker_processes 1;
            pid nginx.pid;
            error_log error.log;
            events { worker_connections 4096; }
            http {
                access_log off;
                client_max_body_size 0;
                {{Keepalive}}
                client_body_temp_path body;
                proxy_temp_path proxy;
                fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi;
                scgi_temp_path scgi;
                upstream app { server {{backend.NginxText}}; {{kept}} }
                server {
                    listen {{address.Text}};
                    location / { {{Pass(protocol)}} }
                }
            }

            """);
        return RunningProcess.Start(Programs.PathOf(Program), ["-p", directory.FullPath, "-c", configuration, "-e", directory["error.log"]], directory.FullPath);
    }

    private static string Pass(LoadProtocol protocol) => protocol switch
    {
        LoadProtocol.Http => "proxy_http_version 1.1; proxy_set_header Connection ''; proxy_set_header Host $http_host; proxy_pass http://app;",
        LoadProtocol.Uwsgi => "include /etc/nginx/uwsgi_params; uwsgi_param HTTP_HOST $http_host; uwsgi_pass app;",
        LoadProtocol.Scgi => "include /etc/nginx/scgi_params; scgi_param HTTP_HOST $http_host; scgi_pass app;",
        _ => "include /etc/nginx/fastcgi_params; fastcgi_param HTTP_HOST $http_host; fastcgi_keep_conn on; fastcgi_pass app;",
    };
}
