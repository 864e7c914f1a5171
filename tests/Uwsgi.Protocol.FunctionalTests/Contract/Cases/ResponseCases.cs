namespace Uwsgi.Protocol.FunctionalTests.Contract.Cases;

internal static class ResponseCases
{
    private const string Area = "response";

    public static IEnumerable<ContractCase> All() =>
    [
        .. new[] { 200, 201, 202, 204, 205, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 409, 410, 415, 418, 422, 451, 500, 501, 503 }.Select(status =>
            new ContractCase(Area, $"status {status}", visit => visit.GetAsync($"/status/{status}"))),
        new(Area, "status 599, which has no name", async visit => visit.Note($"{(await visit.AskQuietlyAsync(HttpMethod.Get, "/status/599")).Status}")),
        new(Area, "HEAD with an error", visit => visit.AskAsync(HttpMethod.Head, "/status/404")),
        new(Area, "two headers of a name, two cookies, an empty and a long one", visit => visit.GetAsync("/headers/duplicates")),
        new(Area, "hop-by-hop headers that the app sets", visit => visit.GetAsync("/headers/hop-by-hop")),
        new(Area, "redirect to a local path", visit => visit.GetAsync("/redirect/local")),
        new(Area, "redirect to elsewhere, for ever", visit => visit.GetAsync("/redirect/absolute")),
        new(Area, "redirect that keeps the method", visit => visit.GetAsync("/redirect/kept")),
        new(Area, "StartAsync", visit => visit.GetAsync("/started")),
        new(Area, "CompleteAsync before the handler returns", async visit =>
        {
            // Read to its end while the handler still waits, and with it whatever would follow on the same connection.
            await visit.GetAsync($"/completed/{visit.Key}", ("Connection", "close"));
            await visit.OpenGateAsync("go");
        }),
        new(Area, "OnStarting and OnCompleted", async visit =>
        {
            await visit.GetAsync($"/callbacks/{visit.Key}");
            await visit.NoteJournalAsync("completed");
        }),
        new(Area, "written by the pipe", visit => visit.GetAsync("/pipe")),
        new(Area, "written synchronously", visit => visit.GetAsync("/synchronous")),
        new(Area, "Server and Date", async visit =>
        {
            var answer = await visit.AskQuietlyAsync(HttpMethod.Get, "/json/1");
            visit.Note($"{answer.Headers.Count(header => header.Key == "Server")} Server, {answer.Headers.Count(header => header.Key == "Date")} Date");
        }),
        new(Area, "ten requests one after the other", async visit =>
        {
            for (var i = 0; i < 10; i++)
            {
                await visit.GetAsync($"/json/{i}?name=request{i}", ("X-Number", $"{i}"));
            }
        }),
        new(Area, "fifty requests at once", async visit =>
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => visit.AskQuietlyAsync(HttpMethod.Get, $"/json/{i}?name=request{i}")));
            foreach (var answer in answers)
            {
                visit.Note($"{answer.Status} {answer.Text}");
            }
        }),
    ];
}
