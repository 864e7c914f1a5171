using System.IO.Compression;

namespace Uwsgi.Protocol.FunctionalTests.Contract.Cases;

/// <summary>Output caching, response compression, entity tags.</summary>
internal static class CachingCases
{
    public static IEnumerable<ContractCase> All() =>
    [
        new("output caching", "the second answer is the first", async visit =>
        {
            for (var i = 0; i < 3; i++)
            {
                var answer = await visit.AskQuietlyAsync(HttpMethod.Get, $"/cached?key={visit.Key}");
                visit.Note($"{answer.Status} {answer.Text} {(answer["Age"] is null ? "fresh" : "cached")}");
            }
        }),
        new("output caching", "another key is another answer", async visit =>
        {
            await visit.AskQuietlyAsync(HttpMethod.Get, $"/cached?key={visit.Key}");
            visit.Note((await visit.AskQuietlyAsync(HttpMethod.Get, $"/cached?key={visit.Key}-2")).Text);
        }),
        new("compression", "none", visit => visit.GetAsync("/compressed")),
        new("compression", "gzip", visit => CompressedAsync(visit, "gzip", stream => new GZipStream(stream, CompressionMode.Decompress))),
        new("compression", "br", visit => CompressedAsync(visit, "br", stream => new BrotliStream(stream, CompressionMode.Decompress))),
        new("entity tags", "a tag of the app's", async visit =>
        {
            await visit.GetAsync("/etag");
            await visit.GetAsync("/etag", ("If-None-Match", "\"v1\""));
        }),
    ];

    private static async Task CompressedAsync(Visit visit, string coding, Func<Stream, Stream> decoder)
    {
        var answer = await visit.AskAsync(HttpMethod.Get, "/compressed", null, ("Accept-Encoding", coding));
        using var reader = new StreamReader(decoder(new MemoryStream(answer.Body)));
        visit.Note($"{(await reader.ReadToEndAsync(visit.Cancelled)).Length} characters, from less than a quarter of the bytes: {answer.Body.Length < 20_000}");
    }
}
