using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.Contract.Cases;

internal static class FailureCases
{
    private const string Area = "failure";

    public static IEnumerable<ContractCase> All() =>
    [
        new(Area, "before the head", visit => visit.GetAsync("/fail/before")),
        new(Area, "before anything was written", visit => visit.GetAsync("/fail/unflushed")),
        new(Area, "after a flush, length unknown", visit => NoteWhetherItShowsAsync(visit, "/fail/after")),
        new(Area, "after a flush, length known", visit => NoteWhetherItShowsAsync(visit, "/fail/after?length=100")),
        new(Area, "after the head, length unknown", visit => FailLateAsync(visit, $"/fail/late/{visit.Key}")),
        new(Area, "after the head, length known", visit => FailLateAsync(visit, $"/fail/late/{visit.Key}?length=100")),
        new(Area, "abort, length unknown", visit => NoteWhetherItShowsAsync(visit, "/fail/abort")),
        new(Area, "abort, length known", visit => NoteWhetherItShowsAsync(visit, "/fail/abort?length=100")),
        new(Area, "less than Content-Length", visit => NoteWhetherItShowsAsync(visit, "/fail/short")),
        new(Area, "more than Content-Length", visit => visit.GetAsync("/fail/long")),
        new(Area, "an answer without reading the body", async visit =>
        {
            try
            {
                await visit.PostAsync("/unread?length=true&flush=false", new ByteArrayContent(new byte[100_000])).WaitAsync(TimeSpan.FromSeconds(15));
            }
            catch (TimeoutException)
            {
                visit.Note("the client waits");
            }
            catch (HttpRequestException)
            {
                visit.Note("the connection ended while the body was sent");
            }
        }),
    ];

    // The head has left the server, whether or not the front end shows it.
    private static async Task FailLateAsync(Visit visit, string target)
    {
        var seen = NoteWhetherItShowsAsync(visit, target);
        await Deadline.UntilAsync("the head has left", async () => (await visit.AskQuietlyAsync(HttpMethod.Get, $"/journal/{visit.Key}")).Text == "waiting");
        await visit.OpenGateAsync("fail");
        await seen;
    }

    // The end of the connection may overtake what was written before it: the client then sees no answer, or the front end's 502.
    private static async Task NoteWhetherItShowsAsync(Visit visit, string target)
    {
        var shows = false;
        try
        {
            var answer = await visit.AskQuietlyAsync(HttpMethod.Get, target).WaitAsync(TimeSpan.FromSeconds(15));
            shows = answer.Truncated || answer.Status >= 500;
        }
        catch (HttpRequestException)
        {
            shows = true;
        }
        catch (TimeoutException)
        {
            visit.Note("the client waits");
            throw new CaseEndedException();
        }

        visit.Note(shows ? "the client sees a failure" : "the client sees a whole answer");
    }
}
