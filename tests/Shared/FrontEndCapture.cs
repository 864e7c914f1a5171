using System.Text.Json;

namespace Uwsgi.Protocol.Testing;

/// <summary>What a real front end sent over one connection, and what is in it according to another decoder.</summary>
/// <param name="Name">Front end, protocol and file: <c>nginx/uwsgi/q-target__root</c>.</param>
/// <param name="Config">Which route of the front end the request took.</param>
/// <param name="Request">The client's request, as text of Latin-1; <see langword="null"/> where it was not noted.</param>
/// <param name="Bytes">Everything the back end received.</param>
/// <param name="Requests">What it says: none where the front end sent nothing, several only in FastCGI.</param>
public sealed record FrontEndCapture(string Name, string Config, string? Request, byte[] Bytes, IReadOnlyList<DecodedRequest> Requests)
{
    public const string Uwsgi = "uwsgi";
    public const string FastCgi = "fastcgi";
    public const string Scgi = "scgi";

    private static readonly Lazy<Dictionary<string, FrontEndCapture>> Captures = new(ReadAll);

    /// <summary>All captures.</summary>
    public static IReadOnlyCollection<FrontEndCapture> All => Captures.Value.Values;

    /// <summary>uwsgi: the header of the packet.</summary>
    public DecodedPacket? Packet { get; private init; }

    /// <summary>FastCGI: the records, in their order.</summary>
    public IReadOnlyList<DecodedRecord> Records { get; private init; } = [];

    /// <summary>SCGI: the length in front of the headers.</summary>
    public int NetstringLength { get; private init; }

    /// <summary>The front end's name.</summary>
    public string FrontEnd => Name.Split('/')[0];

    /// <summary>The protocol's name.</summary>
    public string Protocol => Name.Split('/')[1];

    /// <summary>All captures of a protocol that have a request in them.</summary>
    public static IEnumerable<FrontEndCapture> Of(string protocol) =>
        All.Where(capture => capture.Protocol == protocol && capture.Requests.Count != 0);

    /// <summary>One capture, by its name.</summary>
    public static FrontEndCapture Get(string name) => Captures.Value[name];

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static Dictionary<string, FrontEndCapture> ReadAll()
    {
        var root = RepositoryPath.Of("tests", "Uwsgi.Protocol.Wire.Tests", "Captures");
        return Directory.GetDirectories(root).SelectMany(Directory.GetDirectories).Order().SelectMany(Read).ToDictionary(capture => capture.Name);
    }

    private static IEnumerable<FrontEndCapture> Read(string folder)
    {
        var prefix = $"{Path.GetFileName(Path.GetDirectoryName(folder))}/{Path.GetFileName(folder)}/";
        using var file = File.OpenRead(Path.Combine(folder, "cases.json"));
        using var document = JsonDocument.Parse(file);
        foreach (var testCase in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            var config = testCase.GetProperty("config").GetString()!;
            var requests = testCase.GetProperty("requests").EnumerateArray().Select(request => request.GetString()).ToList();
            var connections = testCase.GetProperty("connections").EnumerateArray().ToList();
            for (var i = 0; i < connections.Count; i++)
            {
                var name = connections[i].GetProperty("file").GetString()!;
                var decode = connections[i].GetProperty("decode");
                yield return new FrontEndCapture(
                    prefix + Path.GetFileNameWithoutExtension(name),
                    config[(config.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim(),
                    requests.Count == connections.Count ? requests[i] : null,
                    File.ReadAllBytes(Path.Combine(folder, name)),
                    DecodedRequest.ReadAll(decode))
                {
                    Packet = DecodedPacket.Read(decode),
                    Records = DecodedRecord.ReadAll(decode),
                    NetstringLength = decode.TryGetProperty("netstring_len", out var length) ? length.GetInt32() : 0,
                };
            }
        }
    }
}
