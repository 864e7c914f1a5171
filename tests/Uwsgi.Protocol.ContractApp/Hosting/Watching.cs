namespace Uwsgi.Protocol.ContractApp.Hosting;

/// <summary>
/// With <c>--request-log FILE</c> the app logs its requests, by <c>--request-log-format FORMAT</c> where that is given; with <c>--dashboard PATH</c> it shows them.
/// </summary>
internal static class Watching
{
    public static void Begin(WebApplicationBuilder builder)
    {
        if (builder.Configuration["request-log"] is { } file)
        {
            builder.WebHost.UseUwsgiRequestLog(options =>
            {
                options.File = file;
                options.Format = builder.Configuration["request-log-format"];
            });
        }
    }

    public static void Map(WebApplication app)
    {
        if (app.Configuration["dashboard"] is { } path)
        {
            app.MapUwsgiDashboard(path);
        }
    }
}
