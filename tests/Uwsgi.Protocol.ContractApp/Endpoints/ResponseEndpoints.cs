using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.ContractApp.State;

namespace Uwsgi.Protocol.ContractApp.Endpoints;

internal static class ResponseEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.Map("/status/{code:int}", (int code, HttpContext context) =>
        {
            context.Response.StatusCode = code;
            if (code is >= 300 and < 400 and not 304)
            {
                context.Response.Headers.Location = "/echo/elsewhere?x=1";
            }
        });
        routes.MapGet("/headers/duplicates", (HttpContext context) =>
        {
            context.Response.Headers.Append("X-Twice", "one");
            context.Response.Headers.Append("X-Twice", "two");
            context.Response.Headers["X-Empty"] = "";
            context.Response.Headers["X-Long"] = new string('x', 2000);
            context.Response.Cookies.Append("first", "1", new CookieOptions { HttpOnly = true });
            context.Response.Cookies.Append("second", "ü 2", new CookieOptions { Path = "/x", SameSite = SameSiteMode.Strict });
            return "two of each";
        });
        routes.MapGet("/headers/hop-by-hop", (HttpContext context) =>
        {
            context.Response.Headers["Keep-Alive"] = "timeout=5";
            context.Response.Headers["Proxy-Connection"] = "keep-alive";
            context.Response.Headers["Upgrade"] = "h2c";
            context.Response.Headers["Trailer"] = "X-Checksum";
            context.Response.Headers["X-End-To-End"] = "kept";
            return "only one of them is for the client";
        });
        routes.MapGet("/redirect/local", () => Results.LocalRedirect("~/echo/r?x=1"));
        routes.MapGet("/redirect/absolute", () => Results.Redirect("https://elsewhere.test/a%20b?c=d", permanent: true));
        routes.MapGet("/redirect/kept", () => Results.Redirect("/echo/kept", permanent: false, preserveMethod: true));
        routes.MapGet("/started", async (HttpContext context) =>
        {
            await context.Response.StartAsync();
            await context.Response.WriteAsync(context.Response.HasStarted ? "had started" : "had not started");
        });
        routes.MapGet("/completed/{gate}", async (string gate, HttpContext context, Gates gates) =>
        {
            await context.Response.WriteAsync("complete before the handler returns");
            await context.Response.CompleteAsync();
            await gates.ReceiveAsync(gate, CancellationToken.None);
        });
        routes.MapGet("/callbacks/{key}", (string key, HttpContext context, Journal journal) =>
        {
            context.Response.OnStarting(() =>
            {
                context.Response.Headers["X-On-Starting"] = "was called";
                return Task.CompletedTask;
            });
            context.Response.OnCompleted(() =>
            {
                journal.Write(key, "completed");
                return Task.CompletedTask;
            });
            return "called back";
        });
        routes.MapGet("/journal/{key}", (string key, Journal journal) => journal.Read(key));
        routes.MapGet("/pipe", async (HttpContext context) =>
        {
            for (var i = 0; i < 100; i++)
            {
                "a line by the pipe\n"u8.CopyTo(context.Response.BodyWriter.GetSpan(64));
                context.Response.BodyWriter.Advance(19);
            }

            await context.Response.BodyWriter.FlushAsync();
        });
        routes.MapGet("/synchronous", (HttpContext context) =>
        {
            context.Features.GetRequiredFeature<IHttpBodyControlFeature>().AllowSynchronousIO = true;
            context.Response.ContentType = "text/plain";
            context.Response.Body.Write("written synchronously"u8);
        });
    }
}
