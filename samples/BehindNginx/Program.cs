using BehindNginx;

// An ordinary app. Where it listens is configuration, as ever: appsettings.json says urls=http://127.0.0.1:5000;uwsgi://127.0.0.1:3031.
var builder = WebApplication.CreateBuilder(args);
builder.WebHost.UseUwsgiProtocol();

var app = builder.Build();
app.Map("/{**path}", (HttpContext context) =>
{
    var sight = Sight.Of(context);
    return context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal)
        ? Results.Text(sight.ToHtml(), "text/html; charset=utf-8")
        : Results.Text(sight.ToString());
});
app.Run();
