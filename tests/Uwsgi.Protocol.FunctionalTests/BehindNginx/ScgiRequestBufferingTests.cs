using System.Net;
using Uwsgi.Protocol.FunctionalTests.Routes;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.FunctionalTests.BehindNginx;

/// <summary>What the documentation advises against: with this off, nginx before 1.29.6 says of a body's length what has come of it so far.</summary>
[Collection(NginxCollection.Name)]
public sealed class ScgiRequestBufferingTests(NginxFixture nginx)
{
    private const int Size = 3_000_000;

    [FrontEndTheory("nginx")]
    [CombinatorialData]
    public async Task With_scgi_request_buffering_off_a_body_is_refused_by_an_old_nginx_and_never_cut(bool unix)
    {
        var site = Nginx.Before(nginx.App[WireProtocol.Scgi], unix, streaming: true).With("scgi_buffering off;", "scgi_buffering off; scgi_request_buffering off;");
        await using var unbuffered = await Nginx.StartAsync(site);
        using var route = new HttpRoute("nginx, nothing buffered", site.Address);

        using var large = await route.Client.PostAsync(new Uri(route.Address, "/count"), new ByteArrayContent(new byte[Size]));
        if (await Nginx.VersionAsync() < new Version(1, 29, 6))
        {
            Assert.Equal(HttpStatusCode.BadRequest, large.StatusCode);
        }
        else
        {
            Assert.Equal($"{Size}", await large.Content.ReadAsStringAsync());
        }

        // There is no length of the client's to compare with: nginx reads such a body to its end first.
        using var chunked = new HttpRequestMessage(HttpMethod.Post, new Uri(route.Address, "/count")) { Content = new ByteArrayContent(new byte[Size]) };
        chunked.Headers.TransferEncodingChunked = true;
        using var counted = await route.Client.SendAsync(chunked);
        Assert.Equal($"{Size}", await counted.Content.ReadAsStringAsync());
    }
}
