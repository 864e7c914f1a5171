using System.Text.Json;

namespace Uwsgi.Protocol.Testing;

/// <summary>A request and its body as noted beside a capture. Text is Latin-1: a character is a byte.</summary>
/// <param name="Id">FastCGI: its id; 0 in the other protocols.</param>
/// <param name="Variables">Names and values in their order.</param>
/// <param name="BodyLength">How many bytes its body has; in uwsgi and SCGI, how many came after the head.</param>
/// <param name="BodySha256">Their hash, where noted.</param>
/// <param name="IsAborted">FastCGI: whether the front end took it back.</param>
/// <param name="IsComplete">Whether all of it came; in FastCGI, the ends of both streams.</param>
public sealed record DecodedRequest(
    ushort Id,
    IReadOnlyList<(string Name, string Value)> Variables,
    int BodyLength,
    string? BodySha256,
    bool IsAborted,
    bool IsComplete)
{
    internal static IReadOnlyList<DecodedRequest> ReadAll(JsonElement decode) =>
        decode.TryGetProperty("requests", out var requests) ? [.. requests.EnumerateArray().Select(Read)]
        : decode.TryGetProperty("params", out _) ? [Read(decode)]
        : [];

    private static DecodedRequest Read(JsonElement request)
    {
        var body = request.GetProperty("body");
        return new DecodedRequest(
            request.TryGetProperty("id", out var id) ? id.GetUInt16() : (ushort)0,
            [.. request.GetProperty("params").EnumerateArray().Select(pair => (pair[0].GetString()!, pair[1].GetString()!))],
            body.GetProperty("len").GetInt32(),
            body.TryGetProperty("sha256", out var hash) ? hash.GetString() : null,
            IsTrue(request, "aborted", otherwise: false),
            IsTrue(request, "params_end", otherwise: true) && IsTrue(request, "stdin_end", otherwise: true));
    }

    private static bool IsTrue(JsonElement request, string name, bool otherwise) =>
        request.TryGetProperty(name, out var value) ? value.GetBoolean() : otherwise;
}
