using Uwsgi.Protocol.FunctionalTests.SignalR;

namespace Uwsgi.Protocol.FunctionalTests.Contract.Cases;

internal static class SignalRCases
{
    private const string Area = "SignalR";

    public static IEnumerable<ContractCase> All() =>
    [
        new(Area, "by WebSockets", visit => TalkAsync(visit, new WebSocketHubClient(visit))),
        new(Area, "by server-sent events", visit => TalkAsync(visit, new ServerSentEventsHubClient(visit))),
        new(Area, "by long polling", visit => TalkAsync(visit, new LongPollingHubClient(visit))),
    ];

    private static async Task TalkAsync(Visit visit, HubClient hub)
    {
        await using var _ = hub;
        await hub.StartAsync();
        await InvokeAsync("1", "Transport", "", answers: 1);
        await InvokeAsync("2", "Echo", "\"grüße\"", answers: 1);
        await InvokeAsync("3", "Add", "2,3", answers: 1);
        await InvokeAsync("4", "Join", $"\"{visit.Key}\",\"me\"", answers: 2);
        await InvokeAsync("5", "Say", $"\"{visit.Key}\",\"{new string('x', 20_000)}\"", answers: 2);
        await InvokeAsync("6", "Fail", "", answers: 1);
        await hub.SendAsync("""{"type":4,"invocationId":"7","target":"Count","arguments":[5]}""");
        await NoteAsync(answers: 6);

        async Task InvokeAsync(string id, string method, string arguments, int answers)
        {
            await hub.SendAsync($$"""{"type":1,"invocationId":"{{id}}","target":"{{method}}","arguments":[{{arguments}}]}""");
            await NoteAsync(answers);
        }

        // What a hub sends to a group and what it returns may pass each other.
        async Task NoteAsync(int answers)
        {
            var received = new List<string>();
            while (received.Count < answers)
            {
                received.Add(await hub.ReceiveAsync());
            }

            foreach (var message in received.Order(StringComparer.Ordinal))
            {
                visit.Note(message);
            }
        }
    }
}
