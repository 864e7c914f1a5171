var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseUwsgiProtocol(3031); // nginx: uwsgi_pass 127.0.0.1:3031;

var app = builder.Build();
app.MapGet("/", (HttpContext context) =>
    $"Hello {context.Connection.RemoteIpAddress}, you asked for {context.Request.Scheme}://{context.Request.Host}{context.Request.Path}\n");
app.Run();
