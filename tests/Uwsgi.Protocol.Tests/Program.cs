using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Uwsgi.Protocol.Tests;

/// <summary>This assembly as a program: a service that a test starts as systemd would, or as a front end would.</summary>
internal static class Program
{
    private static Task Main(string[] args) => args switch
    {
        ["serve-systemd"] => ServeSystemdAsync(),
        ["serve-spawned"] => ServeSpawnedAsync(),
        ["serve-ini", var path, .. var rest] => ServeIniAsync(path, rest),
        _ => Task.CompletedTask,
    };

    private static async Task ServeSystemdAsync()
    {
        await using var app = Build(options => options.ListenSystemd("uwsgi"));
        app.Run(context => context.Response.WriteAsync("hello from systemd"));
        await app.StartAsync();

        // Until the test closes its end.
        while (await Console.In.ReadLineAsync() is not null)
        {
        }

        await app.StopAsync();
    }

    /// <summary>Answers with what is at descriptor 0, of its own and of a child's, until SIGTERM.</summary>
    private static async Task ServeSpawnedAsync()
    {
        await using var app = Build(options =>
        {
            if (!options.ListenSpawned())
            {
                throw new InvalidOperationException("Nobody has handed a socket over.");
            }
        });
        app.Run(async context =>
        {
            using var child = Process.Start(new ProcessStartInfo("readlink", ["/proc/self/fd/0"]) { RedirectStandardOutput = true })!;
            await context.Response.WriteAsync($"read '{await Console.In.ReadToEndAsync()}', child {await child.StandardOutput.ReadToEndAsync()}");
        });
        await app.RunAsync();
    }

    /// <summary>Answers with its working directory, until SIGTERM.</summary>
    private static async Task ServeIniAsync(string path, string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Logging.ClearProviders();
        builder.Configuration.AddUwsgiIni(path);
        builder.Configuration.AddCommandLine(args);
        builder.WebHost.UseUwsgiProtocol(builder.Configuration);
        await using var app = builder.Build();
        app.Run(context => context.Response.WriteAsync(Environment.CurrentDirectory));
        await app.RunAsync();
    }

    private static WebApplication Build(Action<UwsgiProtocolOptions> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUwsgiProtocol(options =>
        {
            options.ServeHttp = false;
            configure(options);
        });
        return builder.Build();
    }
}
