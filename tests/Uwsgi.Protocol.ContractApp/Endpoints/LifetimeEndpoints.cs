using Uwsgi.Protocol.ContractApp.State;

namespace Uwsgi.Protocol.ContractApp.Endpoints;

internal static class LifetimeEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        // Waits for the gate; its journal says whether the client stayed. Where it did not, the app may end in order, or fail.
        routes.MapGet("/wait/{gate}", async (string gate, bool? failing, HttpContext context, Gates gates, Journal journal) =>
        {
            journal.Write(gate, "waiting");
            try
            {
                await gates.ReceiveAsync(gate, context.RequestAborted);
                journal.Write(gate, "answered");
                await context.Response.WriteAsync("waited");
            }
            catch (OperationCanceledException)
            {
                journal.Write(gate, "aborted");
                if (failing == true)
                {
                    throw;
                }
            }
        });
        // Answers with its body when as many requests as expected are at the same meeting, and says which connection it came by.
        routes.MapPost("/together/{meeting}", async (string meeting, int expected, HttpContext context, Meetings meetings) =>
        {
            var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            await meetings.ArriveAsync(meeting, expected, context.RequestAborted);
            context.Response.Headers["X-Connection"] = context.Connection.Id;
            return Results.Bytes(body.ToArray());
        });
        // In flight until the app is told to stop, and still answered.
        routes.MapGet("/until-stopping/{key}", async (string key, IHostApplicationLifetime lifetime, Journal journal) =>
        {
            var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var registration = lifetime.ApplicationStopping.Register(stopping.SetResult);
            journal.Write(key, "waiting");
            await stopping.Task;
            return "answered while stopping";
        });
        routes.MapGet("/certificate", async (HttpContext context) => await context.Connection.GetClientCertificateAsync() is { } certificate
            ? $"{certificate.Subject} {certificate.Thumbprint}"
            : "(none)");
    }
}
