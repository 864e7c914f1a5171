using System.Net.Http.Headers;
using System.Text;

namespace Uwsgi.Protocol.FunctionalTests.Contract.Cases;

/// <summary>What the app sees of a request, other than its path.</summary>
internal static class RequestCases
{
    private const string Area = "request";

    public static IEnumerable<ContractCase> All() =>
    [
        .. new[] { "GET", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND" }.Select(method =>
            new ContractCase(Area, $"method {method}", visit => visit.AskAsync(new HttpMethod(method), "/echo/method"))),
        new(Area, "HEAD", visit => visit.AskAsync(HttpMethod.Head, "/echo/head")),
        new(Area, "HEAD keeps the length", async visit =>
        {
            var answer = await visit.AskAsync(HttpMethod.Head, "/text.txt");
            visit.Note($"Content-Length {answer["Content-Length"]}");
        }),
        new(Area, "headers", visit => visit.GetAsync("/echo/headers",
            ("Accept", "text/html, application/json;q=0.9"),
            ("Accept-Language", "de, en;q=0.5"),
            ("Authorization", "Basic dXNlcjpwYXNz"),
            ("X-Custom-Header", "a value; with=\"everything\", and more"),
            ("X-Request-Id", "0123456789"),
            ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
            ("Referer", "http://contract.test/from?x=y"),
            ("Origin", "http://contract.test"),
            ("Forwarded", "for=192.0.2.1"),
            ("Cache-Control", "no-cache"))),
        new(Area, "a header of 6,000 bytes", visit => visit.GetAsync("/echo/long", ("X-Long", new string('y', 6000)))),
        new(Area, "cookies", visit => visit.GetAsync("/echo/cookies", ("Cookie", "a=1; b=two; c=%C3%BC; d=\"quoted\""))),
        new(Area, "body of 0 bytes", visit => visit.PostAsync("/echo/body", Bytes(0))),
        new(Area, "body of 1 byte", visit => visit.PostAsync("/echo/body", Bytes(1))),
        new(Area, "body of 70,000 bytes", visit => visit.PostAsync("/echo/body", Bytes(70_000))),
        new(Area, "body of 3 MB", visit => visit.PostAsync("/echo/body", Bytes(3_000_000))),
        new(Area, "body by PUT", visit => visit.AskAsync(HttpMethod.Put, "/echo/body", new StringContent("grüße", Encoding.UTF8, "text/plain"))),
        new(Area, "body by GET", async visit =>
        {
            try
            {
                var answer = await visit.AskQuietlyAsync(HttpMethod.Get, "/echo/body", new StringContent("unusual", Encoding.UTF8, "text/plain"));
                visit.Note(answer.Status == 200 ? answer.Text : $"{answer.Status}");
            }
            catch (HttpRequestException)
            {
                visit.Note("no answer");
            }
        }),
        new(Area, "body by DELETE", visit => visit.AskAsync(HttpMethod.Delete, "/echo/body", new StringContent("unusual", Encoding.UTF8, "text/plain"))),
        new(Area, "no Content-Length, no body", visit => visit.GetAsync("/content-length")),
        new(Area, "Content-Length 0, no body", visit => visit.PostAsync("/content-length", Bytes(0))),
        new(Area, "Content-Length 1, a body", visit => visit.PostAsync("/content-length", Bytes(1))),
        new(Area, "chunked body", async visit =>
        {
            try
            {
                var answer = await visit.AskQuietlyAsync(HttpMethod.Post, "/echo/chunked", Chunked(250_000));
                // Who takes the chunks apart may also count them: Content-Length is then there, or not.
                visit.Note($"{answer.Status} {(answer.Status == 200 ? answer.Text[answer.Text.IndexOf("\"bodyLength", StringComparison.Ordinal)..] : "")}");
            }
            catch (HttpRequestException)
            {
                visit.Note("the connection ended while the body was sent");
            }
        }),
        new(Area, "Expect: 100-continue", async visit =>
        {
            using var request = visit.Route.Request(HttpMethod.Post, "/echo/continue");
            request.Headers.Host = Visit.Host;
            request.Headers.ExpectContinue = true;
            request.Content = Bytes(100_000);
            using var response = await visit.Route.Client.SendAsync(request, visit.Cancelled);
            visit.Note($"{response.StatusCode} {await response.Content.ReadAsStringAsync(visit.Cancelled)}");
        }),
        new(Area, "no upgrade is offered to a plain request", visit => visit.GetAsync("/ws/offered")),
        new(Area, "no client certificate without TLS", visit => visit.GetAsync("/certificate")),
    ];

    private static ByteArrayContent Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };
    }

    private static StreamContent Chunked(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return new StreamContent(new UnknownLength(bytes));
    }

    /// <summary>Hides its length, so that the client must send chunks.</summary>
    private sealed class UnknownLength(byte[] bytes) : MemoryStream(bytes, writable: false)
    {
        public override bool CanSeek => false;
    }
}
