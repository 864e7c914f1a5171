using System.Text.Json;

namespace Uwsgi.Protocol.Testing;

/// <summary>A FastCGI record as noted beside a capture.</summary>
/// <param name="Offset">Where it starts.</param>
/// <param name="Type">Its type in the words of the specification, without the <c>FCGI_</c>.</param>
/// <param name="RequestId">Its request's id.</param>
/// <param name="ContentLength">The length of its content.</param>
/// <param name="PaddingLength">The length of its padding.</param>
/// <param name="Role">The role, where it begins a request.</param>
/// <param name="Flags">The flags, where it begins a request.</param>
/// <param name="Names">The names, where it asks for values.</param>
public sealed record DecodedRecord(
    int Offset,
    string Type,
    ushort RequestId,
    ushort ContentLength,
    byte PaddingLength,
    int? Role,
    int? Flags,
    IReadOnlyList<string> Names)
{
    internal static IReadOnlyList<DecodedRecord> ReadAll(JsonElement decode) =>
        decode.TryGetProperty("records", out var records) ? [.. records.EnumerateArray().Select(Read)] : [];

    private static DecodedRecord Read(JsonElement record) => new(
        record.GetProperty("off").GetInt32(),
        record.GetProperty("type").GetString()!,
        record.GetProperty("id").GetUInt16(),
        record.GetProperty("len").GetUInt16(),
        record.GetProperty("pad").GetByte(),
        record.TryGetProperty("role", out var role) ? role.GetInt32() : null,
        record.TryGetProperty("flags", out var flags) ? flags.GetInt32() : null,
        record.TryGetProperty("names", out var names) ? [.. names.EnumerateArray().Select(pair => pair[0].GetString()!)] : []);
}
