using Uwsgi.Protocol.ContractApp.State;

namespace Uwsgi.Protocol.ContractApp.Endpoints;

internal static class HarakiriEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        // Waits for the gate and looks at nothing else, by a thread of its own or without; its journal says where it is.
        routes.MapGet("/stuck/{gate}", async (string gate, bool? blocks, bool? begins, HttpContext context, Gates gates, Journal journal) =>
        {
            journal.Write(gate, "stuck");
            if (begins == true)
            {
                await context.Response.WriteAsync("a part of the answer");
                await context.Response.Body.FlushAsync();
            }

            var opened = gates.ReceiveAsync(gate, CancellationToken.None).AsTask();
            if (blocks == true)
            {
                opened.Wait();
            }
            else
            {
                await opened;
            }

            await context.Response.WriteAsync("late");
            journal.Write(gate, "back");
        }).WithHarakiri(TimeSpan.FromSeconds(2));
    }
}
