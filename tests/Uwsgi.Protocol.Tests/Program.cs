using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Uwsgi.Protocol.Tests;

/// <summary>This assembly as a program: a service that a test starts as systemd would.</summary>
internal static class Program
{
    private static async Task Main(string[] args)
    {
        if (args is not ["serve-systemd"])
        {
            return;
        }

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUwsgiProtocol(options =>
        {
            options.ServeHttp = false;
            options.ListenSystemd("uwsgi");
        });
        await using var app = builder.Build();
        app.Run(context => context.Response.WriteAsync("hello from systemd"));
        await app.StartAsync();

        // Until the test closes its end.
        while (await Console.In.ReadLineAsync() is not null)
        {
        }

        await app.StopAsync();
    }
}
