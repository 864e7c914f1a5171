using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Uwsgi.Protocol;
using Uwsgi.Protocol.Offload;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Lets files leave behind their requests.</summary>
public static class ApplicationBuilderOffloadExtensions
{
    /// <summary>
    /// From here on in the pipeline, files that are sent leave behind their requests, and paths that are files' are answered, as the
    /// <see cref="OffloadOptions"/> of the app's services say (<c>builder.Services.Configure&lt;OffloadOptions&gt;(...)</c>).
    /// </summary>
    /// <param name="app">The app.</param>
    /// <returns><paramref name="app"/>.</returns>
    /// <exception cref="FormatException">An entry of <see cref="OffloadOptions.StaticMaps"/> is none.</exception>
    /// <exception cref="DirectoryNotFoundException">A directory of <see cref="OffloadOptions.StaticMaps"/> or <see cref="OffloadOptions.CheckStatic"/> is not there.</exception>
    public static IApplicationBuilder UseOffload(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        return Use(app, app.ApplicationServices.GetRequiredService<IOptions<OffloadOptions>>().Value);
    }

    /// <summary>From here on in the pipeline, files that are sent leave behind their requests, and paths that are files' are answered.</summary>
    /// <param name="app">The app.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns><paramref name="app"/>.</returns>
    /// <exception cref="FormatException">An entry of <see cref="OffloadOptions.StaticMaps"/> is none.</exception>
    /// <exception cref="DirectoryNotFoundException">A directory of <see cref="OffloadOptions.StaticMaps"/> or <see cref="OffloadOptions.CheckStatic"/> is not there.</exception>
    public static IApplicationBuilder UseOffload(this IApplicationBuilder app, Action<OffloadOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new OffloadOptions();
        configure(options);
        return Use(app, options);
    }

    private static IApplicationBuilder Use(IApplicationBuilder app, OffloadOptions options)
    {
        var services = app.ApplicationServices;
        var loggerFactory = services.GetRequiredService<ILoggerFactory>();
        var root = services.GetRequiredService<IWebHostEnvironment>().ContentRootPath;
        string[] safe = [.. Rooted(options.StaticSafe)];
        var offload = new OffloadRuntime(options, root, loggerFactory);
        if (offload.IsOn)
        {
            services.GetService<OffloadState>()?.TurnOn();
        }

        services.GetService<IHostApplicationLifetime>()?.ApplicationStopped.Register(offload.Dispose);
        app.UseMiddleware<OffloadMiddleware>(offload);
        if (options.XSendfile.Count > 0)
        {
            app.UseMiddleware<XSendfileMiddleware>(new StaticDirectories([.. Rooted(options.XSendfile), .. safe]), offload.Logger);
        }

        StaticMap[] maps =
        [
            .. Rooted(options.CheckStatic).Select(directory => new StaticMap("", directory)),
            .. options.StaticMaps.Select(text => StaticMap.Parse(text, root)),
        ];
        foreach (var map in maps)
        {
            app.UseMiddleware<StaticMapMiddleware>(map, safe);
        }

        return app;

        IEnumerable<string> Rooted(IEnumerable<string> paths) => paths.Select(path => Path.GetFullPath(path, root));
    }
}
