using Microsoft.AspNetCore.Http;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rule 20: headers that hand a file over to the front end pass through as they are.</summary>
public class Rule20StaticOffloadTests
{
    [Theory]
    [EveryProtocol("X-Accel-Redirect", "/protected/a%20b?x")]
    [EveryProtocol("X-Sendfile", "/srv/files/a b")]
    [EveryProtocol("X-LIGHTTPD-send-file", "/srv/files/a b")]
    public async Task A_header_that_names_a_file_is_the_front_ends(GatewayProtocol protocol, string name, string value)
    {
        await using var server = InMemoryServer.Of(protocol, context =>
        {
            context.Response.Headers[name] = value;
            return Task.CompletedTask;
        });
        var received = await server.AnswerAsync(server.Requests.Get());
        Assert.Equal((200, value, ""), (received.Status, received[name], received.Body));
    }
}
