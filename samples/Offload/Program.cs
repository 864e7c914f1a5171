using Uwsgi.Protocol;

// One request at a time: a file that somebody reads slowly would stand in everybody's way, if it did not leave behind its request.
var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseUwsgiProtocol(options =>
{
    options.Limits.MaxConcurrentRequests = builder.Configuration.GetValue("MaxConcurrentRequests", 1);
    options.Transport = builder.Configuration.GetValue("Transport", options.Transport);
});
builder.Services.Configure<OffloadOptions>(builder.Configuration.GetSection("Offload"));

var app = builder.Build();
app.UseOffload();

// The app decides who gets the file; somebody else sends it.
var files = Path.GetFullPath(builder.Configuration["Files"] ?? "files", app.Environment.ContentRootPath);
app.MapGet("/named/{name}", (string name, HttpResponse response) =>
{
    response.Headers["X-Sendfile"] = Path.Combine(files, name);
});
app.MapGet("/result/{name}", (string name) => Results.File(Path.Combine(files, Path.GetFileName(name)), "text/plain", enableRangeProcessing: true));
app.MapGet("/{**path}", (HttpRequest request) => $"{request.Path}: the app\n");
app.Run();
