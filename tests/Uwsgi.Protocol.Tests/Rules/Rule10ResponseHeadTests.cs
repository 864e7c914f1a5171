using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.FastCgi;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Rules;

/// <summary>Rule 10: the head of the response, in its protocol's style, whole and in one piece.</summary>
public class Rule10ResponseHeadTests
{
    [Theory]
    [EveryProtocol(200, null, "200 OK")]
    [EveryProtocol(404, null, "404 Not Found")]
    [EveryProtocol(302, null, "302 Found")]
    [EveryProtocol(204, null, "204 No Content")]
    [EveryProtocol(299, null, "299 Unknown")]
    [EveryProtocol(200, "Quite all right", "200 Quite all right")]
    [EveryProtocol(999, "", "999 Unknown")]
    public async Task The_first_line_is_the_status_with_a_reason_and_there_is_no_other(GatewayProtocol protocol, int status, string? reason, string expected)
    {
        var received = await AnswerAsync(protocol, context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Append("Status", "200 OK");
            context.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = reason;
        });
        Assert.Equal(FirstLine(protocol, expected), received.StatusLine);
        Assert.Empty(received.All("Status"));
    }

    [Theory]
    [EveryProtocol(200, "200 OK")]
    [EveryProtocol(201, "201 Created")]
    [EveryProtocol(302, "302 Found")]
    public async Task With_a_Location_the_status_is_the_apps_all_the_same(GatewayProtocol protocol, int status, string expected)
    {
        var received = await AnswerAsync(protocol, context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "/there";
        });
        var lines = received.Head.Split("\r\n");

        // HAProxy makes a 302 of a status that stands before a Location.
        Assert.Equal(protocol == GatewayProtocol.Uwsgi ? 0 : 1, Array.IndexOf(lines, FirstLine(protocol, expected)));
        Assert.Equal(protocol == GatewayProtocol.Uwsgi ? 1 : 0, Array.IndexOf(lines, "Location: /there"));
    }

    [Theory]
    [EveryProtocol]
    public async Task A_head_is_lines_with_one_blank_behind_the_name_and_leaves_with_the_body_in_one_write(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            await context.Response.WriteAsync("hel");
            await context.Response.Body.FlushAsync();
            await context.Response.WriteAsync("lo");
        });
        var connection = server.Connect(server.Requests.Get());
        var received = await connection.ReadToEndAsync();
        Assert.Equal(
            FirstLine(protocol, "200 OK") + "\r\nContent-Length: 5\r\nDate: Fri, 02 Jan 2026 03:05:05 GMT\r\n\r\nhello", server.Requests.Answer(received).Text);
        Assert.Equal([received.Bytes.Length], connection.Flushes);
        await connection.Execution.Within();
        Assert.Equal(["Completed"], server.Ends);
    }

    [Theory]
    [EveryProtocol]
    public async Task Every_value_of_a_header_has_a_line_of_its_own(GatewayProtocol protocol)
    {
        var received = await AnswerAsync(protocol, context =>
        {
            context.Response.Headers["X-Many"] = new StringValues(["one", "two", ""]);
            context.Response.Headers.Append("X-Many", "three");
            context.Response.Cookies.Append("a", "1");
            context.Response.Cookies.Append("b", "2");
        });
        Assert.Equal(["one", "two", "", "three"], received.All("X-Many"));
        Assert.Equal(["a=1; path=/", "b=2; path=/"], received.All("Set-Cookie"));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(5000)]
    [InlineData(50_000)]
    [InlineData(64_000)]
    [Trait("Guards", "the response's head leaves in one FCGI_STDOUT record")]
    public async Task By_FastCGI_a_head_of_any_size_leaves_in_one_record(int size)
    {
        await using var server = FastCgiServer.Create(async context =>
        {
            context.Response.Headers["X-Long"] = new string('v', size);
            await context.Response.WriteAsync(new string('b', 200_000));
        });
        var peer = server.Open(FastCgiPackets.Get());
        var answer = await peer.AnswerAsync(1);
        Assert.Contains("\r\n\r\n", answer.Records[0].Text, StringComparison.Ordinal);
        Assert.Equal(200_000, answer.Body.Length);
        Assert.True(answer.IsComplete);
        await peer.CloseAsync();
    }

    [Theory]
    [InlineData(100, 8192)]
    [InlineData(20_000, 0)]
    [Trait("Guards", "HAProxy waits for the record of the head as a whole only where it fits into its buffer")]
    public async Task The_record_of_the_head_is_8_KB_or_nothing_but_the_head(int size, int expected)
    {
        await using var server = FastCgiServer.Create(async context =>
        {
            context.Response.Headers["X-Long"] = new string('v', size);
            await context.Response.WriteAsync(new string('b', 30_000));
        });
        var peer = server.Open(FastCgiPackets.Get());
        var first = (await peer.AnswerAsync(1)).Records[0].Text;
        Assert.Equal(expected == 0 ? first.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4 : expected, first.Length);
        await peer.CloseAsync();
    }

    [Theory]
    [EveryProtocol]
    public async Task A_large_head_leaves_whole_and_is_warned_of_once(GatewayProtocol protocol)
    {
        await using var server = InMemoryServer.Of(protocol, context =>
        {
            context.Response.Headers["X-Large"] = new string('v', 60_000);
            return Task.CompletedTask;
        });
        Assert.Equal(60_000, (await server.AnswerAsync(server.Requests.Get()))["X-Large"]!.Length);
        Assert.Equal(60_000, (await server.AnswerAsync(server.Requests.Get()))["X-Large"]!.Length);
        Assert.Single(server.Logs.Of("LargeHead"));
        Assert.Single(server.Logs.Of("AnotherLargeHead"));
    }

    [Theory]
    [EveryProtocol(true)]
    [EveryProtocol(false)]
    public async Task A_head_that_no_front_end_takes_is_a_failure_of_the_app(GatewayProtocol protocol, bool isFlushed)
    {
        await using var server = InMemoryServer.Of(protocol, async context =>
        {
            context.Response.Headers["X-Large"] = new string('v', 70_000);
            if (isFlushed)
            {
                await context.Response.WriteAsync("hello");
            }
        });
        server.Logs.Expect("ApplicationError");
        var received = await server.AnswerAsync(server.Requests.Get());
        Assert.Equal(500, received.Status);
        Assert.Equal("", received.Body);
    }

    private static string FirstLine(GatewayProtocol protocol, string status) => $"{(protocol == GatewayProtocol.Uwsgi ? "HTTP/1.1" : "Status:")} {status}";

    private static async Task<Received> AnswerAsync(GatewayProtocol protocol, Action<HttpContext> app)
    {
        await using var server = InMemoryServer.Of(protocol, context =>
        {
            app(context);
            return Task.CompletedTask;
        });
        return await server.AnswerAsync(server.Requests.Get());
    }
}
