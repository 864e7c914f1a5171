using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.ContractApp.State;

namespace Uwsgi.Protocol.ContractApp.Endpoints;

internal static class DownloadEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/bytes/{count:long}", async (long count, bool length, HttpContext context) =>
        {
            context.Response.ContentType = "application/octet-stream";
            context.Response.ContentLength = length ? count : null;
            var block = new byte[65536];
            for (var position = 0L; position < count;)
            {
                var size = (int)Math.Min(block.Length, count - position);
                Pattern.Fill(block.AsSpan(0, size), position);
                await context.Response.Body.WriteAsync(block.AsMemory(0, size), context.RequestAborted);
                position += size;
            }
        });

        // As much as asked for, cheaply: for the streams that are too long to make byte by byte.
        routes.MapGet("/zeros/{count:long}", async (long count, HttpContext context) =>
        {
            context.Response.ContentLength = count;
            var block = new byte[65536];
            for (var left = count; left > 0; left -= block.Length)
            {
                await context.Response.Body.WriteAsync(block.AsMemory(0, (int)Math.Min(block.Length, left)), context.RequestAborted);
            }
        });
        routes.MapPost("/count", async (HttpContext context) =>
        {
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
            var buffer = new byte[65536];
            var total = 0L;
            for (int read; (read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0;)
            {
                total += read;
            }

            return $"{total}";
        });
        routes.MapGet("/send-file", (HttpContext context) =>
            context.Response.SendFileAsync(Path.Combine(AppContext.BaseDirectory, "wwwroot", "text.txt")));
        routes.MapGet("/send-file/part", (HttpContext context) =>
            context.Response.SendFileAsync(Path.Combine(AppContext.BaseDirectory, "wwwroot", "text.txt"), 10, 100));
        routes.MapGet("/physical-file", () =>
            Results.File(Path.Combine(AppContext.BaseDirectory, "wwwroot", "text.txt"), "text/plain", enableRangeProcessing: true));
    }
}
