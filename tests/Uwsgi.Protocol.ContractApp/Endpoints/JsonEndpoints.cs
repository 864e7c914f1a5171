namespace Uwsgi.Protocol.ContractApp.Endpoints;

internal static class JsonEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/json/{id:int}", (int id, string? name) => new Thing(id, name ?? "grün"));
        routes.MapPost("/json", (Thing thing) => TypedResults.Created($"/json/{thing.Id}", thing));
        routes.MapPut("/json/{id:int}", (int id, Thing thing) => thing with { Id = id });
        routes.MapPatch("/json/{id:int}", (int id, Thing thing) => thing with { Name = $"{id}:{thing.Name}" });
        routes.MapDelete("/json/{id:int}", (int id) => TypedResults.NoContent());
        routes.MapGet("/json/stream", () => Things());
        routes.MapGet("/json/link/{id:int}", (int id, HttpContext context, LinkGenerator links) => new[]
        {
            links.GetPathByName(context, "linked", new { id, text = "a b/ü" }),
            links.GetUriByName(context, "linked", new { id, text = "a b/ü" }),
        });
        routes.MapGet("/linked/{id:int}/{text}", (int id, string text) => $"{id} {text}").WithName("linked");
    }

    private static async IAsyncEnumerable<Thing> Things()
    {
        for (var i = 0; i < 5; i++)
        {
            await Task.Yield();
            yield return new Thing(i, $"thing {i}");
        }
    }
}
