using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Uwsgi.Protocol.Ini;

/// <summary>Sets an app up by the section <c>uwsgi</c> of its configuration.</summary>
internal static class UwsgiSectionHosting
{
    // On the command line uWSGI's own way of asking has no value, and configuration does not see it.
    private const string ShowConfig = "--show-config";

    public static IWebHostBuilder Use(IWebHostBuilder builder, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configuration);
        var section = new UwsgiSection(configuration);
        var process = new ProcessSettings(section);

        // What does not stand up to its first look does nothing to the process.
        section.ThrowIfWrong();
        process.Apply(configuration);
        var sockets = new SocketSettings(section);
        var limits = new LimitSettings(section);
        var harakiri = new HarakiriSettings(section);
        var stats = new StatsSettings(section);
        var files = new OffloadSettings(section);
        var log = new RequestLogSettings(section);
        var isShown = section.Flag("show-config") ?? Environment.GetCommandLineArgs().Contains(ShowConfig);
        section.ThrowIfWrong();

        builder.UseUwsgiProtocol();
        return builder.ConfigureServices(services =>
        {
            services.Configure<UwsgiProtocolOptions>(options => options.IsHttpConfigured |= configuration.GetSection("Kestrel:Endpoints").Exists());
            sockets.AddTo(services);
            limits.AddTo(services);
            harakiri.AddTo(services);
            stats.AddTo(services, sockets);
            files.AddTo(services);
            log.AddTo(services);
            if (isShown)
            {
#pragma warning disable RS0030 // To write there is all that it is for.
                services.AddSingleton(new ConfigurationListing(section, Console.Out));
#pragma warning restore RS0030
            }
            else
            {
                services.AddSingleton<IHostedService>(provider => new UwsgiSectionService(section, process, provider.GetRequiredService<ILoggerFactory>()));
            }
        });
    }
}
