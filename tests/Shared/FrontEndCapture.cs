using System.Text.Json;

namespace Uwsgi.Protocol.Testing;

/// <summary>What a real front end sent over one connection, and what is in it according to another decoder.</summary>
/// <param name="Name">Front end and file: <c>nginx/q-target__root</c>.</param>
/// <param name="Config">Which route of the front end the request took.</param>
/// <param name="Request">The client's request, as text of Latin-1; <see langword="null"/> where it was not noted.</param>
/// <param name="Bytes">Everything the back end received.</param>
/// <param name="Expected">What it says; <see langword="null"/> where the front end sent nothing.</param>
public sealed record FrontEndCapture(string Name, string Config, string? Request, byte[] Bytes, DecodedPacket? Expected)
{
    private static readonly Lazy<Dictionary<string, FrontEndCapture>> Captures = new(ReadAll);

    /// <summary>All captures.</summary>
    public static IReadOnlyCollection<FrontEndCapture> All => Captures.Value.Values;

    /// <summary>All captures that have a request in them.</summary>
    public static IEnumerable<FrontEndCapture> Requests => All.Where(capture => capture.Expected is not null);

    /// <summary>The front end's name.</summary>
    public string FrontEnd => Name[..Name.IndexOf('/')];

    /// <summary>One capture, by its name.</summary>
    public static FrontEndCapture Get(string name) => Captures.Value[name];

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static Dictionary<string, FrontEndCapture> ReadAll()
    {
        var root = RepositoryPath.Of("tests", "Uwsgi.Protocol.Wire.Tests", "Captures");
        return Directory.GetDirectories(root).Order().SelectMany(Read).ToDictionary(capture => capture.Name);
    }

    private static IEnumerable<FrontEndCapture> Read(string folder)
    {
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
                yield return new FrontEndCapture(
                    $"{Path.GetFileName(folder)}/{Path.GetFileNameWithoutExtension(name)}",
                    config[(config.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim(),
                    requests.Count == connections.Count ? requests[i] : null,
                    File.ReadAllBytes(Path.Combine(folder, name)),
                    DecodedPacket.Read(connections[i].GetProperty("decode")));
            }
        }
    }
}
