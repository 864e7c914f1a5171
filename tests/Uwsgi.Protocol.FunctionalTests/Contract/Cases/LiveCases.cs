using System.Net.ServerSentEvents;

namespace Uwsgi.Protocol.FunctionalTests.Contract.Cases;

/// <summary>
/// Answers that must arrive while they are written. Each step waits at a gate which the client opens only when it has read
/// the step before: an answer that is kept back never arrives, whatever the speed of the machine.
/// </summary>
internal static class LiveCases
{
    public static IEnumerable<ContractCase> All() =>
    [
        new("server-sent events", "arrive one by one", async visit =>
        {
            using var response = await visit.SendAsync(HttpMethod.Get, $"/events/{visit.Key}", null, ("Accept", "text/event-stream"));
            visit.Note($"{response.StatusCode} {response.Content.Headers.ContentType}");
            await using var events = SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync(visit.Cancelled).GetAsyncEnumerator();
            foreach (var message in new[] { "first", "second", "", "grüße", "end" })
            {
                Assert.True(await events.MoveNextAsync());
                visit.Note(events.Current.Data);
                await visit.OpenGateAsync(message);
            }

            visit.Note($"ended: {!await events.MoveNextAsync()}");
        }),
        new("streaming", "lines arrive one by one", async visit =>
        {
            using var response = await visit.SendAsync(HttpMethod.Get, $"/stream/{visit.Key}");
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
            foreach (var message in new[] { "first", "second", new string('z', 50_000), "end" })
            {
                visit.Note((await reader.ReadLineAsync(visit.Cancelled))!);
                await visit.OpenGateAsync(message);
            }

            visit.Note($"ended: {await reader.ReadLineAsync(visit.Cancelled) is null}");
        }),
        new("long polling", "answers when there is something to say", async visit =>
        {
            foreach (var message in new[] { "first", "second" })
            {
                var poll = visit.GetAsync($"/poll/{visit.Key}");
                await visit.OpenGateAsync(message);
                await poll;
            }
        }),
    ];
}
