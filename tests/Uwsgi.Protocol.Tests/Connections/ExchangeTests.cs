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
    [InlineData(GatewayProtocol.Uwsgi, "HTTP/1.1")]
    [InlineData(GatewayProtocol.Scgi, "Status:")]
    public async Task A_get_is_answered_with_a_status_a_length_and_a_date(GatewayProtocol protocol, string start)
    {
        await using var server = new InMemoryServer(context => context.Response.WriteAsync("hello")) { Protocol = protocol };
        var received = await server.AskAsync(server.Requests.Get());
        Assert.Equal(start + Hello, received.Text);
        Assert.False(received.IsReset);
        Assert.Equal(["Completed"], server.Ends);
    }

    [Fact]
    public async Task A_short_answer_leaves_in_one_flush()
    {
        await using var server = new InMemoryServer(async context =>
        {
            await context.Response.WriteAsync("hel");
            await context.Response.Body.FlushAsync();
            await context.Response.WriteAsync("lo");
        });
        var connection = server.Connect(Packets.Get());
        var answer = (await connection.ReadToEndAsync()).Text;
        Assert.Equal("HTTP/1.1" + Hello, answer);
        Assert.Equal([answer.Length], connection.Flushes);
    }

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
    [InlineData(GatewayProtocol.Uwsgi, false)]
    [InlineData(GatewayProtocol.Uwsgi, true)]
    [InlineData(GatewayProtocol.Scgi, false)]
    [InlineData(GatewayProtocol.Scgi, true)]
    public async Task A_request_cut_after_any_byte_ends_its_connection_and_says_so_at_debug_only(GatewayProtocol protocol, bool byReset)
    {
        await using var server = new InMemoryServer(EchoAsync) { Protocol = protocol };
        var request = server.Requests.Post("the body");
        var head = request.Length - "the body".Length;
        for (var length = 0; length < request.Length; length++)
        {
            var connection = server.Connect(request[..length]);
            if (byReset)
            {
                connection.Reset();
            }
            else
            {
                connection.EndInput();
                var received = await connection.ReadToEndAsync();
                Assert.Equal(length < head ? 0 : 400, received.Status);
            }

            await connection.Execution.Within();
        }

        Assert.Equal(request.Length, server.Ends.Count());
        Assert.DoesNotContain(server.Logs.Entries, entry => entry.Level > LogLevel.Debug);
        if (!byReset)
        {
            Assert.Equal(1, server.Ends.Count(end => end == "ClosedBeforeRequest"));
            Assert.Equal(head - 1, server.Meters.Sum("uwsgi_protocol.rejected_requests"));
            Assert.Equal(head - 1, server.Logs.Of("RequestRefused").Count());
            Assert.Equal("the body".Length, server.Logs.Of("BadRequest").Count());
        }
    }

    [Fact]
    public async Task A_connection_without_a_byte_is_nothing_to_count()
    {
        await using var server = new InMemoryServer(EchoAsync);
        var connection = server.Connect();
        connection.EndInput();
        Assert.Empty((await connection.ReadToEndAsync()).Bytes);
        Assert.Equal(["ClosedBeforeRequest"], server.Ends);
        Assert.Empty(server.Meters.Measurements);
        Assert.DoesNotContain(connection.Tags, tag => tag.Key == "error.type");
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
