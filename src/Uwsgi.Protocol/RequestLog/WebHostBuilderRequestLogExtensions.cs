using Microsoft.Extensions.DependencyInjection;
using Uwsgi.Protocol;
using Uwsgi.Protocol.RequestLog;

namespace Microsoft.AspNetCore.Hosting;

/// <summary>Logs requests as uWSGI does.</summary>
public static class WebHostBuilderRequestLogExtensions
{
    /// <summary>
    /// Logs every request by one line in uWSGI's form, through <c>ILogger</c>, category <c>Uwsgi.Protocol.RequestLog</c>: those of HTTP, those that front ends
    /// send, and of these the refused, the aborted and the killed ones too.
    /// </summary>
    /// <param name="builder">The app's web host.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IWebHostBuilder UseUwsgiRequestLog(this IWebHostBuilder builder) => builder.UseUwsgiRequestLog(static _ => { });

    /// <summary>Logs every request by one line in uWSGI's form, to a file (uWSGI's <c>logto</c>).</summary>
    /// <param name="builder">The app's web host.</param>
    /// <param name="file">The file: see <see cref="UwsgiRequestLogOptions.File"/>.</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static IWebHostBuilder UseUwsgiRequestLog(this IWebHostBuilder builder, string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        return builder.UseUwsgiRequestLog(options => options.File = file);
    }

    /// <summary>Logs requests as the options say. Calls add up.</summary>
    /// <param name="builder">The app's web host.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IWebHostBuilder UseUwsgiRequestLog(this IWebHostBuilder builder, Action<UwsgiRequestLogOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return builder.ConfigureServices(services => RequestLogServices.Add(services, configure));
    }
}
