namespace Uwsgi.Protocol.FunctionalTests.Contract.Cases;

/// <summary>Rate limits, timeouts, sizes.</summary>
internal static class LimitCases
{
    public static IEnumerable<ContractCase> All() =>
    [
        new("rate limiting", "the fourth is refused", async visit =>
        {
            for (var i = 0; i < 4; i++)
            {
                await visit.GetAsync($"/limited?key={visit.Key}");
            }
        }),
        new("request timeouts", "too slow is 504", visit => visit.GetAsync("/too-slow")),
        new("body size", "1,000 bytes are let in", visit => visit.PostAsync("/small-only", new ByteArrayContent(new byte[1000]))),
        new("body size", "1,001 bytes are too large", visit => visit.PostAsync("/small-only", new ByteArrayContent(new byte[1001]))),
        new("body size", "31 MB are too large for the default", async visit =>
        {
            using var client = visit.Route.NewClient();
            using var request = visit.Route.Request(HttpMethod.Post, "/echo/large");
            request.Headers.Host = Visit.Host;
            // Asks first: a client that sends 31 MB to one who has stopped reading may miss the answer.
            request.Headers.ExpectContinue = true;
            request.Content = new ByteArrayContent(new byte[31_000_000]);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            try
            {
                using var response = await client.SendAsync(request, patience.Token);
                visit.Note($"{response.StatusCode}");
            }
            catch (HttpRequestException)
            {
                visit.Note("the connection ended while the body was sent");
            }
            catch (OperationCanceledException)
            {
                visit.Note("no answer while the body was sent");
            }
        }),
    ];
}
