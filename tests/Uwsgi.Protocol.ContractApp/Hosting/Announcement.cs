using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Uwsgi.Protocol.ContractApp.Hosting;

/// <summary>Tells whoever started the app where it listens, one address a line, then "ready".</summary>
internal static class Announcement
{
    public static void OnStart(WebApplication app) => app.Lifetime.ApplicationStarted.Register(() =>
    {
        foreach (var address in app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses)
        {
            Console.WriteLine($"address {address}");
        }

        Console.WriteLine("ready");
    });
}
