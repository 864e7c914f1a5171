using System.Net;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Uwsgi.Protocol.Wire;

namespace Uwsgi.Protocol.PublicApi.Tests;

/// <summary>The programs of the README and of docs, so that they compile: written as an outsider would.</summary>
internal static class Snippets
{
    public static void BehindProxyPass(WebApplicationBuilder builder)
    {
        builder.Services.Configure<ForwardedHeadersOptions>(options =>
        {
            options.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            options.KnownProxies.Add(IPAddress.Parse("192.0.2.7")); // where nginx is, unless on loopback
        });

        var app = builder.Build();
        app.UseForwardedHeaders(); // before everything else
    }

    public static void Addresses(WebApplicationBuilder builder)
    {
        builder.WebHost.UseUwsgiProtocol(3031);             // 127.0.0.1:3031
        builder.WebHost.UseUwsgiProtocol("[::1]:3031");     // an address by name; 0.0.0.0:3031, :3031 and *:3031 are every interface
        builder.WebHost.UseUwsgiProtocol("/run/app.sock");  // a unix socket; unix:/run/app.sock too
        builder.WebHost.UseUwsgiProtocol("@app");           // an abstract unix socket (Linux)
        builder.WebHost.UseUwsgiProtocol("fd://3");         // an inherited descriptor
        builder.WebHost.UseUwsgiProtocol();                 // none of its own: urls=http://localhost:5000;uwsgi://127.0.0.1:3031
    }

    public static void Stats(WebApplicationBuilder builder)
    {
        builder.WebHost.UseUwsgiStats("127.0.0.1:9191");     // uWSGI: stats = 127.0.0.1:9191
        builder.WebHost.UseUwsgiStats("/run/app/stats.sock"); // or a unix socket
    }

    public static void WhatUwsgiDoesBesides(WebApplicationBuilder builder)
    {
        builder.WebHost.UseUwsgiStats("127.0.0.1:9191");                  // uWSGI's stats
        builder.WebHost.UseUwsgiRequestLog("/var/log/app/requests.log");  // uWSGI's logto

        var app = builder.Build();
        app.UseHarakiri(TimeSpan.FromSeconds(30));                        // uWSGI's harakiri; first
        app.UseOffload(offload =>
        {
            offload.StaticMaps.Add("/static=wwwroot/static");             // uWSGI's static-map and offload-threads
        });
        app.MapUwsgiDashboard("/uwsgi").RequireAuthorization();           // the stats as a page
    }

    public static void StatsEndpoint(WebApplication app)
    {
        app.MapUwsgiStats("/stats").RequireAuthorization();
    }

    public static void StatsOptions(WebApplicationBuilder builder)
    {
        builder.WebHost.UseUwsgiStats(options =>
        {
            options.Addresses.Add("127.0.0.1:9191");
            options.Http = true;        // curl http://127.0.0.1:9191
            options.Minified = true;
        });
    }

    public static void ScgiAddresses(WebApplicationBuilder builder)
    {
        builder.WebHost.UseScgi(4000);                      // nginx: scgi_pass 127.0.0.1:4000;
        builder.WebHost.UseScgi("/run/app.scgi.sock");      // nginx: scgi_pass unix:/run/app.scgi.sock;
    }

    public static void Harakiri(WebApplicationBuilder builder, Delegate MakeReport, Delegate SendEvents)
    {
        builder.Services.AddHealthChecks().AddHarakiri();

        var app = builder.Build();
        app.UseHarakiri(TimeSpan.FromSeconds(30)); // first: what is behind it is watched

        app.MapGet("/hello", () => "Hello");
        app.MapGet("/report", MakeReport).WithHarakiri(TimeSpan.FromMinutes(5));
        app.MapGet("/events", SendEvents).DisableHarakiri();
    }

    public static void MoreTime(HttpContext context)
    {
        context.Features.Get<IHarakiriFeature>()?.Restart(TimeSpan.FromSeconds(30)); // from now on
    }

    public static void Spawned(WebApplicationBuilder builder)
    {
        builder.WebHost.UseFastCgi(options =>
        {
            options.ServeHttp = !options.ListenSpawned(); // started by a front end: its socket, and nothing else
        });
    }

    public static void FromUwsgiIni(WebApplicationBuilder builder)
    {
        builder.Configuration.AddUwsgiIni("uwsgi.ini");
        builder.WebHost.UseUwsgiProtocol(builder.Configuration);
    }

    public static void FromUwsgiIniAndTheCommandLine(WebApplicationBuilder builder, string[] args)
    {
        builder.Configuration.AddUwsgiIni("uwsgi.ini").AddCommandLine(args);
        builder.WebHost.UseUwsgiProtocol(builder.Configuration);
        builder.WebHost.UseUwsgiProtocol(options => options.AllowedNetworks.Add("10.0.0.7/32"));
    }

    public static void RequestLog(WebApplicationBuilder builder)
    {
        builder.WebHost.UseUwsgiRequestLog();                             // ILogger, category Uwsgi.Protocol.RequestLog
        builder.WebHost.UseUwsgiRequestLog("/var/log/app/requests.log");  // a file: uWSGI's logto
        builder.WebHost.UseUwsgiRequestLog(options =>
        {
            options.File = "/var/log/app/requests.log";
            options.Format = "%(addr) - %(user) [%(ltime)] \"%(method) %(uri) %(proto)\" %(status) %(size) \"%(referer)\" \"%(uagent)\"";
            options.LogAll = false;                           // uWSGI's disable-logging: only what is named below
            options.Log5xx = true;
            options.LogSlowerThan = TimeSpan.FromSeconds(1);
        });
        builder.WebHost.UseUwsgiRequestLog(options => builder.Configuration.GetSection("RequestLog").Bind(options));

        var app = builder.Build();
        app.Use((context, next) =>
        {
            context.SetUwsgiLogVariable("tenant", context.Request.Host.Host); // %(tenant)
            return next(context);
        });
    }

    public static void Dashboard(WebApplicationBuilder builder)
    {
        var app = builder.Build();
        app.MapUwsgiDashboard("/uwsgi").RequireAuthorization();
    }

    public static void Guard(WebApplicationBuilder builder)
    {
        builder.WebHost.UseFastCgi(9000);
        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();
        builder.Services.AddAuthorization();

        var app = builder.Build();
        app.UseAuthentication();
        app.UseAuthorization();
        app.Map("/{**path}", (HttpContext context) =>
        {
            // The guarded site gets this as the variable REMOTE_USER.
            context.Response.Headers["Variable-REMOTE_USER"] = context.User.Identity?.Name;
        }).RequireAuthorization();
    }

    public static void OnePort(WebApplicationBuilder builder)
    {
        builder.WebHost.UseGateway(8000);                   // uwsgi, FastCGI, SCGI and HTTP
        builder.WebHost.UseGateway("/run/app.sock");        // the same on a unix socket
    }

    public static void OnePortByTls(WebApplicationBuilder builder)
    {
        builder.WebHost.UseUwsgiProtocol();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenAnyIP(8443, listen =>
        {
            listen.UseHttps();
            listen.UseGateway();
        }));
    }

    public static void Options(WebApplicationBuilder builder)
    {
        builder.WebHost.UseUwsgiProtocol(options =>
        {
            options.Listen("/run/app/app.sock");
            options.ListenSystemd("app.socket");          // what systemd opened, if it started us
            options.UnixSocket.Group = "www-data";        // mode 0660: nginx's group may connect
            options.ServeHttp = false;                    // behind a front end only
            options.Limits.MaxConcurrentRequests = 1000;
        });
    }

    public static void OwnEndpoints(WebApplicationBuilder builder)
    {
        builder.WebHost.UseKestrel();
        builder.WebHost.UseUwsgiProtocol();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenLocalhost(5000);
            kestrel.ListenLocalhost(3031, listen => listen.UseUwsgi());
        });
    }

    public static void Mapping(WebApplicationBuilder builder)
    {
        builder.WebHost.UseUwsgiProtocol(options =>
        {
            options.Listen(3031);
            options.PathSource = CgiPathSource.DocumentUri; // the front end's rewrites
            options.PathBase = "/app";                      // where it does not say where the app is mounted
            options.AppendServerPort = true;                // where HTTP_HOST has lost its port
        });
    }

    public static void Variables(WebApplication app)
    {
        app.MapGet("/whence", (HttpContext context) => new
        {
            Root = context.GetServerVariable("DOCUMENT_ROOT"),
            Modifier = context.Features.Get<IGatewayRequestFeature>()?.Modifier1,
        });
    }

    public static void Streaming(WebApplication app)
    {
        app.MapGet("/events", async (HttpContext context, CancellationToken gone) =>
        {
            context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
            context.Response.ContentType = "text/event-stream";
            while (!gone.IsCancellationRequested)
            {
                await context.Response.WriteAsync($"data: {DateTimeOffset.UtcNow:O}\n\n", gone);
                await Task.Delay(TimeSpan.FromSeconds(1), gone);
            }
        });
    }

    public static void AllowLists(WebApplicationBuilder builder)
    {
        builder.WebHost.UseUwsgiProtocol(options =>
        {
            options.Listen("10.0.0.5:3031");
            options.AllowedNetworks.Add("10.0.0.7/32"); // the front end
            options.Listen("/run/app/app.sock");
            options.AllowedUserIds.Add(33); // www-data
        });
    }

    public static void Offload(WebApplication app)
    {
        app.UseOffload(offload =>
        {
            offload.StaticMaps.Add("/static=wwwroot/static");     // uWSGI's static-map
            offload.CheckStatic.Add("public");                    // uWSGI's check-static
            offload.XSendfile.Add("/srv/files");                  // files that the app names by X-Sendfile
        });
    }

    public static void FrontEndFiles(WebApplication app)
    {
        app.UseOffload(offload =>
        {
            offload.XAccelRedirect["/srv/files"] = "/internal/";   // nginx: location /internal/ { internal; alias /srv/files/; }
            offload.FrontEndXSendfile.Add("/srv/files");           // lighttpd, and Apache with mod_xsendfile
        });
    }
}
