using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc;

namespace Uwsgi.Protocol.ContractApp.Endpoints;

internal static class AntiforgeryEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/antiforgery/token", (HttpContext context, IAntiforgery antiforgery) => antiforgery.GetAndStoreTokens(context).RequestToken);
        routes.MapPost("/antiforgery/form", ([FromForm] string text) => $"accepted {text}");
    }
}
