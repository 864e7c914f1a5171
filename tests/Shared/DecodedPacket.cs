using System.Text.Json;

namespace Uwsgi.Protocol.Testing;

/// <summary>A packet and its body as noted beside a capture. Text is Latin-1: a character is a byte.</summary>
/// <param name="Modifier1">The first byte.</param>
/// <param name="Modifier2">The fourth byte.</param>
/// <param name="DataSize">The size in the header.</param>
/// <param name="Variables">Names and values in their order.</param>
/// <param name="BodyLength">How many bytes came after the packet.</param>
/// <param name="BodySha256">Their hash, where noted.</param>
public sealed record DecodedPacket(
    byte Modifier1,
    byte Modifier2,
    ushort DataSize,
    IReadOnlyList<(string Name, string Value)> Variables,
    int BodyLength,
    string? BodySha256)
{
    internal static DecodedPacket? Read(JsonElement decode)
    {
        if (!decode.TryGetProperty("datasize", out var dataSize))
        {
            return null;
        }

        var body = decode.GetProperty("body");
        return new DecodedPacket(
            decode.GetProperty("modifier1").GetByte(),
            decode.GetProperty("modifier2").GetByte(),
            dataSize.GetUInt16(),
            [.. decode.GetProperty("params").EnumerateArray().Select(pair => (pair[0].GetString()!, pair[1].GetString()!))],
            body.GetProperty("len").GetInt32(),
            body.TryGetProperty("sha256", out var hash) ? hash.GetString() : null);
    }
}
