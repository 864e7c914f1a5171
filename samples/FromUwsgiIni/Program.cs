// Nothing about sockets, limits, deadlines or logs: uwsgi.ini says it all, as it would to uWSGI.
var builder = WebApplication.CreateBuilder(args);
builder.Configuration.AddUwsgiIni("uwsgi.ini").AddCommandLine(args);
builder.WebHost.UseUwsgiProtocol(builder.Configuration);

var app = builder.Build();
app.MapGet("/", (HttpContext context, IConfiguration configuration) =>
    $"{configuration["GREETING"]}: {context.Request.Scheme}://{context.Request.Host}{context.Request.Path}\n");
app.MapGet("/slow", (CancellationToken aborted) => Task.Delay(TimeSpan.FromMinutes(1), aborted));
app.Run();
