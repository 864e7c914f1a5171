using Uwsgi.Protocol;

// One port for uwsgi, FastCGI, SCGI and HTTP. Which one it is, is configuration: appsettings.json says urls=http://127.0.0.1:5000;gateway://127.0.0.1:8000.
var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseUwsgiProtocol();

var app = builder.Build();
app.MapGet("/{**path}", (HttpContext context) =>
{
    // By HTTP there is no such feature: that is Kestrel's own.
    var protocol = context.Features.Get<IGatewayRequestFeature>()?.Protocol.ToString() ?? "HTTP";
    return $"{context.Request.Path} came by {protocol}\n";
});
app.Run();
