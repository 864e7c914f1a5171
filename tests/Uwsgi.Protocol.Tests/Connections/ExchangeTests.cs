using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Connections;

/// <summary>One request and its answer, whatever the pieces it comes in, and wherever it is cut.</summary>
public class ExchangeTests
{
    private const string Hello = " 200 OK\r\nContent-Length: 5\r\nDate: Fri, 02 Jan 2026 03:05:05 GMT\r\n\r\nhello";

    [Theory]
    [InlineData(GatewayProtocol.Uwsgi)]
    [InlineData(GatewayProtocol.Scgi)]
    public async Task A_request_is_the_same_however_its_bytes_are_split(GatewayProtocol protocol)
    {
        await using var server = new InMemoryServer(EchoAsync) { Protocol = protocol };
        var request = server.Requests.Post("the body");
        for (var at = 0; at <= request.Length; at++)
        {
            var connection = server.Connect(request[..at]);
            await connection.SendAsync(request.AsMemory(at));
            Assert.Equal("POST /: the body", (await connection.ReadToEndAsync()).Body);
        }
    }

    [Theory]
    [InlineData(GatewayProtocol.Uwsgi)]
    [InlineData(GatewayProtocol.Scgi)]
    public async Task A_request_is_the_same_when_a_byte_comes_at_a_time(GatewayProtocol protocol)
    {
        await using var server = new InMemoryServer(EchoAsync) { Protocol = protocol };
        var connection = server.Connect();
        foreach (var b in server.Requests.Post("the body"))
        {
            await connection.SendAsync(new[] { b });
            await Task.Yield();
        }

        Assert.Equal("POST /: the body", (await connection.ReadToEndAsync()).Body);
    }

    [Theory]
    [InlineData(GatewayProtocol.Uwsgi, "uwsgi")]
    [InlineData(GatewayProtocol.Scgi, "scgi")]
    public async Task A_connection_is_tagged_with_its_protocol_and_how_it_failed(GatewayProtocol protocol, string name)
    {
        await using var server = new InMemoryServer(EchoAsync) { Protocol = protocol };
        var good = server.Connect(server.Requests.Get());
        _ = await good.ReadToEndAsync();
        Assert.Equal([new("network.protocol.name", name)], good.Tags);

        var bad = server.Connect(server.Requests.Get()[..10]);
        bad.EndInput();
        _ = await bad.ReadToEndAsync();
        Assert.Equal([new("network.protocol.name", name), new("error.type", "UnexpectedEnd")], bad.Tags);
        Assert.Equal(name, Assert.Single(server.Meters.Of("uwsgi_protocol.rejected_requests"))["network.protocol.name"]);
    }

    private static async Task EchoAsync(HttpContext context)
    {
        var body = await new StreamReader(context.Request.Body, Encoding.Latin1).ReadToEndAsync();
        await context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path}: {body}");
    }
}
