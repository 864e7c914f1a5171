// uWSGI's stats of an ASP.NET Core app. Where they are served is configuration: --stats 127.0.0.1:9191, or the environment's STATS.
// The same for people: a page at /uwsgi.
var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseUwsgiProtocol();
builder.WebHost.UseUwsgiStats(builder.Configuration["stats"] ?? "127.0.0.1:9191");

var app = builder.Build();
app.MapGet("/", () => "Hello\n");

// Whoever reaches this app may see it; elsewhere, .RequireAuthorization().
app.MapUwsgiDashboard("/uwsgi");

// To be seen in the stats while they run.
app.MapGet("/slow/{seconds:int}", async (int seconds, CancellationToken aborted) =>
{
    await Task.Delay(TimeSpan.FromSeconds(seconds), aborted);
    return $"That took {seconds} s.\n";
});
app.MapGet("/fail", string () => throw new InvalidOperationException("As it was asked to."));
app.Run();
