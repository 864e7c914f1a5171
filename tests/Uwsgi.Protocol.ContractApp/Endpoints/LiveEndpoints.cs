using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.ContractApp.State;

namespace Uwsgi.Protocol.ContractApp.Endpoints;

/// <summary>Answers that go on while the client acts: each step waits at a gate that the client opens.</summary>
internal static class LiveEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/gates/{gate}", async (string gate, HttpContext context, Gates gates) =>
        {
            using var reader = new StreamReader(context.Request.Body);
            gates.Send(gate, await reader.ReadToEndAsync());
            return Results.NoContent();
        });
        routes.MapGet("/poll/{gate}", async (string gate, HttpContext context, Gates gates) => await gates.ReceiveAsync(gate, context.RequestAborted));
        routes.MapGet("/events/{gate}", (string gate, HttpContext context, Gates gates) =>
            TypedResults.ServerSentEvents(Messages(gate, gates, context.RequestAborted)));
        routes.MapGet("/stream/{gate}", async (string gate, HttpContext context, Gates gates) =>
        {
            context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
            context.Response.ContentType = "text/plain";
            await foreach (var message in Messages(gate, gates, context.RequestAborted))
            {
                await context.Response.WriteAsync(message.Data + "\n");
                await context.Response.Body.FlushAsync();
            }
        });
        routes.MapPost("/live-upload/{gate}", async (string gate, HttpContext context, Journal journal) =>
        {
            var buffer = new byte[4096];
            var total = 0L;
            for (int read; (read = await context.Request.Body.ReadAsync(buffer)) > 0;)
            {
                total += read;
                journal.Write(gate, $"{total}");
            }

            return $"{total} in all";
        });
    }

    private static async IAsyncEnumerable<SseItem<string>> Messages(string gate, Gates gates, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new SseItem<string>("hello");
        while (await gates.ReceiveAsync(gate, cancellationToken) is var message && message != "end")
        {
            yield return new SseItem<string>(message);
        }
    }
}
