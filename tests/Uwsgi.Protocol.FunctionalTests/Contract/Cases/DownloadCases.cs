namespace Uwsgi.Protocol.FunctionalTests.Contract.Cases;

internal static class DownloadCases
{
    private const string Area = "download";

    public static IEnumerable<ContractCase> All() =>
    [
        .. from count in new[] { 0, 1, 65_536, 1 << 20, 16 << 20 }
           from length in new[] { true, false }
           select new ContractCase(Area, $"{count} bytes, {(length ? "length known" : "length unknown")}", visit => visit.GetAsync($"/bytes/{count}?length={length}")),
        new(Area, "the length goes with the bytes", async visit =>
            visit.Note($"Content-Length {(await visit.AskQuietlyAsync(HttpMethod.Get, "/bytes/1048576?length=true"))["Content-Length"]}")),
        new(Area, "SendFileAsync", visit => visit.GetAsync("/send-file")),
        new(Area, "SendFileAsync of a part", visit => visit.GetAsync("/send-file/part")),
        new(Area, "a physical file", visit => visit.GetAsync("/physical-file")),
        new(Area, "a range of a physical file", visit => visit.GetAsync("/physical-file", ("Range", "bytes=100-199"))),
    ];
}
