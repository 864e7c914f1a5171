using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Uwsgi.Protocol.ContractApp.Endpoints;

/// <summary>What the app sees of a request.</summary>
internal static class EchoEndpoints
{
    // They belong to one connection, or change with each run of the tests.
    private static readonly HashSet<string> Hidden = new(StringComparer.OrdinalIgnoreCase)
    {
        HeaderNames.Connection, HeaderNames.KeepAlive, HeaderNames.TransferEncoding, HeaderNames.Expect,
    };

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.Map("/echo/{**rest}", (Delegate)EchoAsync).DisableAntiforgery();
        routes.Map("/content-length", (HttpContext context) =>
            $"{context.Request.ContentLength?.ToString() ?? "none"}, {(context.Features.GetRequiredFeature<IHttpRequestBodyDetectionFeature>().CanHaveBody ? "a body" : "no body")}");
        routes.MapGet("/server-variables", (HttpContext context, string name) => context.GetServerVariable(name) ?? "(none)");
    }

    // "None" and "0" are the same to a body. One endpoint tells them apart.
    private static bool IsNoLength(KeyValuePair<string, StringValues> header) => header.Key == HeaderNames.ContentLength && header.Value == "0";

    private static async Task<IResult> EchoAsync(HttpContext context)
    {
        var request = context.Request;
        var (length, hash) = await HashAsync(request.Body, context.RequestAborted);
        return Results.Json(new
        {
            request.Method,
            Path = request.Path.Value,
            PathBase = request.PathBase.Value,
            Query = request.QueryString.Value,
            request.Scheme,
            Host = request.Host.Value,
            Remote = context.Connection.RemoteIpAddress?.ToString(),
            request.Protocol,
            request.ContentType,
            Headers = request.Headers.Where(header => !Hidden.Contains(header.Key) && !IsNoLength(header)).OrderBy(header => header.Key, StringComparer.OrdinalIgnoreCase)
                .Select(header => $"{header.Key.ToLowerInvariant()}: {header.Value}"),
            Cookies = request.Cookies.OrderBy(cookie => cookie.Key, StringComparer.Ordinal).Select(cookie => $"{cookie.Key}={cookie.Value}"),
            BodyLength = length,
            BodyHash = hash,
        });
    }

    public static async Task<(long Length, string Hash)> HashAsync(Stream body, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[65536];
        var length = 0L;
        for (int read; (read = await body.ReadAsync(buffer, cancellationToken)) > 0; length += read)
        {
            hash.AppendData(buffer, 0, read);
        }

        return (length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
