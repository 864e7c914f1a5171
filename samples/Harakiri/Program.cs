using Uwsgi.Protocol;

// Which address it is, is configuration: appsettings.json says urls=http://127.0.0.1:5000;uwsgi://127.0.0.1:3031.
var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseUwsgiProtocol();
builder.Services.AddHealthChecks().AddHarakiri();

var app = builder.Build();
app.UseHarakiri(TimeSpan.FromSeconds(2)); // first: what is behind it is watched

app.MapGet("/", () => "Hello\n");

// Stops when it is told to, two seconds after its head: 504.
app.MapGet("/polite", async (CancellationToken aborted) =>
{
    await Task.Delay(TimeSpan.FromSeconds(20), aborted);
    return "too late\n";
});

// Holds its thread and listens to nobody: 504 a second later, and stuck until it comes back.
app.MapGet("/deaf", () =>
{
    Thread.Sleep(TimeSpan.FromSeconds(20));
    return "too late\n";
});

// Is allowed to take longer.
app.MapGet("/report", async (CancellationToken aborted) =>
{
    await Task.Delay(TimeSpan.FromSeconds(3), aborted);
    return "The report\n";
}).WithHarakiri(TimeSpan.FromSeconds(60));

// Does not know before how long it takes, and asks for more time with each part.
app.MapGet("/parts", async (HttpContext context) =>
{
    for (var part = 1; part <= 3; part++)
    {
        context.Features.Get<IHarakiriFeature>()?.Restart(TimeSpan.FromSeconds(2));
        await Task.Delay(TimeSpan.FromSeconds(1), context.RequestAborted);
        await context.Response.WriteAsync($"Part {part}\n");
    }
});

// Healthy, or Degraded while a handler is stuck.
app.MapHealthChecks("/health");
app.Run();
