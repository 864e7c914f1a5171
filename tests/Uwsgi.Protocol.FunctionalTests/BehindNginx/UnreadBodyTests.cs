using System.Net;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.BehindNginx;

/// <summary>The app answers and has not read the body. A close at the wrong moment resets the connection and the answer is lost.</summary>
[Collection(NginxCollection.Name)]
public sealed class UnreadBodyTests(NginxFixture nginx)
{
    private const int Requests = 50;
    private static readonly byte[] Body = new byte[3_000_000];

    [FrontEndTheory("nginx")]
    [CombinatorialData]
    public async Task An_answer_to_an_unread_body_arrives_whole(WireProtocol protocol, bool unix, bool length, bool flush, bool streaming)
    {
        var route = nginx[protocol, unix, streaming];
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var whole = 0;
        await Parallel.ForAsync(0, Requests, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = deadline.Token }, async (_, cancelled) =>
        {
            using var request = route.Request(HttpMethod.Post, $"/unread?length={length}&flush={flush}");
            request.Content = new ByteArrayContent(Body);
            // nginx closes a connection that it has not read to the end, and does not say so.
            request.Headers.ConnectionClose = true;
            using var response = await route.Client.SendAsync(request, cancelled);
            var answer = await response.Content.ReadAsByteArrayAsync(cancelled);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal(200_000, answer.Length);
            Interlocked.Increment(ref whole);
        });
        Assert.Equal(Requests, whole);
    }
}
