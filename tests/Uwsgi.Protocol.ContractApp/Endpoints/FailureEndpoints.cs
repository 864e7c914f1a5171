using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.ContractApp.State;

namespace Uwsgi.Protocol.ContractApp.Endpoints;

internal static class FailureEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/fail/before", _ => throw new InvalidOperationException("Before the head, on purpose."));
        routes.MapGet("/fail/unflushed", async context =>
        {
            context.Response.Headers["X-Gone"] = "never seen";
            await Task.Yield();
            throw new InvalidOperationException("Before anything was written, on purpose.");
        });
        routes.MapGet("/fail/after", async (HttpContext context, long? length) =>
        {
            await WritePartAsync(context, length);
            throw new InvalidOperationException("After the head, on purpose.");
        });
        routes.MapGet("/fail/abort", async (HttpContext context, long? length) =>
        {
            await WritePartAsync(context, length);
            context.Abort();
        });
        routes.MapGet("/fail/abort/{gate}", async (string gate, HttpContext context, Gates gates, long? length) =>
        {
            context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
            await WritePartAsync(context, length);
            await gates.ReceiveAsync(gate, CancellationToken.None);
            context.Abort();
        });
        routes.MapGet("/fail/late/{gate}", async (string gate, HttpContext context, Gates gates, Journal journal, long? length) =>
        {
            await WritePartAsync(context, length);
            journal.Write(gate, "waiting");
            await gates.ReceiveAsync(gate, CancellationToken.None);
            throw new InvalidOperationException("After the head has left, on purpose.");
        });
        routes.MapGet("/fail/short", async (HttpContext context) =>
        {
            context.Response.ContentLength = 100;
            await context.Response.WriteAsync("not a hundred bytes");
        });
        routes.MapGet("/fail/long", async (HttpContext context) =>
        {
            context.Response.ContentLength = 5;
            await context.Response.WriteAsync("more than five bytes");
        });
        routes.MapPost("/unread", async (HttpContext context, bool length, bool flush) =>
        {
            var answer = new byte[200_000];
            Array.Fill(answer, (byte)'a');
            context.Response.ContentLength = length ? answer.Length : null;
            if (flush)
            {
                await context.Response.Body.FlushAsync();
            }

            await context.Response.Body.WriteAsync(answer);
        });
    }

    private static async Task WritePartAsync(HttpContext context, long? length)
    {
        context.Response.ContentLength = length;
        await context.Response.WriteAsync("a part of the answer");
        await context.Response.Body.FlushAsync();
    }
}
