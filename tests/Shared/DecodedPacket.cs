using System.Text.Json;

namespace Uwsgi.Protocol.Testing;

/// <summary>The header of a uwsgi packet as noted beside a capture.</summary>
/// <param name="Modifier1">The first byte.</param>
/// <param name="DataSize">The size in the header.</param>
/// <param name="Modifier2">The fourth byte.</param>
public sealed record DecodedPacket(byte Modifier1, ushort DataSize, byte Modifier2)
{
    internal static DecodedPacket? Read(JsonElement decode) =>
        decode.TryGetProperty("datasize", out var dataSize)
            ? new DecodedPacket(decode.GetProperty("modifier1").GetByte(), dataSize.GetUInt16(), decode.GetProperty("modifier2").GetByte())
            : null;
}
