using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Uwsgi.Protocol;
using Uwsgi.Protocol.Harakiri;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Ends requests that take too long, whether or not their handlers come back: uWSGI's harakiri, for each request by itself.</summary>
public static class ApplicationBuilderHarakiriExtensions
{
    /// <summary>Watches the requests that pass here, as the app's <see cref="HarakiriOptions"/> say. Put it first.</summary>
    /// <param name="app">The app.</param>
    /// <returns><paramref name="app"/>.</returns>
    public static IApplicationBuilder UseHarakiri(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        return Use(app, app.ApplicationServices.GetRequiredService<IOptions<HarakiriOptions>>().Value);
    }

    /// <summary>Watches the requests that pass here, with this time for each. Put it first.</summary>
    /// <param name="app">The app.</param>
    /// <param name="timeout">How long a request may take: <see cref="HarakiriOptions.Timeout"/>.</param>
    /// <returns><paramref name="app"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time is negative.</exception>
    public static IApplicationBuilder UseHarakiri(this IApplicationBuilder app, TimeSpan timeout) =>
        app.UseHarakiri(options => options.Timeout = timeout);

    /// <summary>Watches the requests that pass here, with options of its own. Put it first; in a branch, what stands there counts for the branch.</summary>
    /// <param name="app">The app.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns><paramref name="app"/>.</returns>
    public static IApplicationBuilder UseHarakiri(this IApplicationBuilder app, Action<HarakiriOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new HarakiriOptions();
        configure(options);
        return Use(app, options);
    }

    private static IApplicationBuilder Use(IApplicationBuilder app, HarakiriOptions options)
    {
        var monitor = HarakiriMonitor.Of(app);
        return app.Use(next => new HarakiriMiddleware(next, monitor, options).InvokeAsync);
    }
}
