namespace Uwsgi.Protocol.FunctionalTests.Contract.Cases;

internal static class StaticFileCases
{
    private const string Area = "static files";

    public static IEnumerable<ContractCase> All() =>
    [
        new(Area, "text", visit => visit.GetAsync("/text.txt")),
        new(Area, "page", visit => visit.GetAsync("/page.html")),
        new(Area, "JSON", visit => visit.GetAsync("/data.json")),
        new(Area, "a name that is escaped", visit => visit.GetAsync("/with%20space/gr%C3%BCn.txt")),
        new(Area, "HEAD", visit => visit.AskAsync(HttpMethod.Head, "/text.txt")),
        new(Area, "a range", visit => visit.GetAsync("/text.txt", ("Range", "bytes=10-19"))),
        new(Area, "the end", visit => visit.GetAsync("/text.txt", ("Range", "bytes=-50"))),
        new(Area, "a range that is not there", visit => visit.GetAsync("/text.txt", ("Range", "bytes=900000-"))),
        new(Area, "If-None-Match", async visit =>
        {
            var first = await visit.AskQuietlyAsync(HttpMethod.Get, "/text.txt");
            await visit.GetAsync("/text.txt", ("If-None-Match", first["ETag"]!));
            await visit.GetAsync("/text.txt", ("If-None-Match", "\"another\""));
        }),
        new(Area, "If-Modified-Since", async visit =>
        {
            var first = await visit.AskQuietlyAsync(HttpMethod.Get, "/text.txt");
            await visit.GetAsync("/text.txt", ("If-Modified-Since", first["Last-Modified"]!));
            await visit.GetAsync("/text.txt", ("If-Modified-Since", "Sat, 01 Jan 2000 00:00:00 GMT"));
        }),
        new(Area, "If-Match that fails", visit => visit.GetAsync("/text.txt", ("If-Match", "\"another\""))),
        new(Area, "If-Range", visit => visit.GetAsync("/text.txt", ("Range", "bytes=0-9"), ("If-Range", "\"another\""))),
        new(Area, "none", visit => visit.GetAsync("/none.txt")),
    ];
}
