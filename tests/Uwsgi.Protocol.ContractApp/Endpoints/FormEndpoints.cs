namespace Uwsgi.Protocol.ContractApp.Endpoints;

internal static class FormEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/form", async (HttpContext context) =>
        {
            var form = await context.Request.ReadFormAsync();
            return form.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => $"{field.Key}={field.Value}");
        });
        routes.MapPost("/upload", async (HttpContext context) =>
        {
            var form = await context.Request.ReadFormAsync();
            var files = new List<string>();
            foreach (var file in form.Files)
            {
                await using var content = file.OpenReadStream();
                var (length, hash) = await EchoEndpoints.HashAsync(content, context.RequestAborted);
                files.Add($"{file.Name} {file.FileName} {file.ContentType} {length} {hash}");
            }

            return new { Note = form["note"].ToString(), files };
        });
    }
}
