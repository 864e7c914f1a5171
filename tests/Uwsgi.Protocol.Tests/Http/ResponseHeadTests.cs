using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Http;

/// <summary>The head of a response: what goes in, what is taken out, what is refused.</summary>
public class ResponseHeadTests
{
    [Fact]
    [Trait("Guards", "content is never given a type that its app did not give it")]
    public async Task No_content_type_is_invented()
    {
        var received = await AnswerAsync(static _ => { }, "<script>alert(1)</script>");
        Assert.Null(received["Content-Type"]);
        Assert.Equal("<script>alert(1)</script>", received.Body);
    }

    [Theory]
    [Trait("Guards", "response splitting")]
    [InlineData("X-Bad", "a\r\nInjected: yes")]
    [InlineData("X-Bad", "a\nb")]
    [InlineData("X-Bad", "a\rb")]
    [InlineData("X-Bad", "a\0b")]
    [InlineData("X-Bad", "a\u007fb")]
    [InlineData("X-Bad", "a\u001bb")]
    [InlineData("X-Bad", "caf\u00e9")]
    [InlineData("X-Bad\r\nInjected", "a")]
    [InlineData("X Bad", "a")]
    [InlineData("X-Bad:", "a")]
    public async Task A_header_that_could_end_its_line_is_refused_when_it_is_set(string name, string value)
    {
        var ways = new Action<IHeaderDictionary>[]
        {
            headers => headers[name] = value,
            headers => headers.Append(name, value),
#pragma warning disable ASP0019 // What an app should not do is checked too.
            headers => headers.Add(name, value),
#pragma warning restore ASP0019
            headers => headers.Add(new(name, value)),
            headers => headers[name] = new StringValues(["good", value]),
        };
        var received = await AnswerAsync(context =>
        {
            foreach (var way in ways)
            {
                Assert.Throws<InvalidOperationException>(() => way(context.Response.Headers));
            }
        });
        Assert.Equal(200, received.Status);
        Assert.DoesNotContain("Injected", received.Head, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Bad", received.Head, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Guards", "response splitting")]
    public async Task Replacing_all_headers_checks_them_too()
    {
        var received = await AnswerAsync(context =>
        {
            var feature = context.Features.Get<IHttpResponseFeature>()!;
            Assert.Throws<InvalidOperationException>(() => feature.Headers = new HeaderDictionary { ["X-Bad"] = "a\r\nInjected: yes" });
            feature.Headers = new HeaderDictionary { ["X-Good"] = "a" };
        });
        Assert.Equal("a", received["X-Good"]);
        Assert.DoesNotContain("Injected", received.Head, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Guards", "response splitting")]
    [InlineData("OK\r\nInjected: yes")]
    [InlineData("OK\n")]
    [InlineData("O\0K")]
    public async Task A_reason_that_could_end_its_line_is_a_failure_of_the_app(string reason)
    {
        await using var server = new InMemoryServer(context =>
        {
            context.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = reason;
            return Task.CompletedTask;
        });
        var disposed = 0;
        server.Application.Disposed = (_, _) => disposed++;
        server.Logs.Expect("ApplicationError");
        var received = await server.AskAsync(Packets.Get());
        Assert.Equal("HTTP/1.1 500 Internal Server Error", received.StatusLine);
        Assert.DoesNotContain("Injected", received.Text, StringComparison.Ordinal);
        Assert.Single(server.Logs.Of("ApplicationError"));
        Assert.Equal(1, disposed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(99)]
    [InlineData(1000)]
    [InlineData(-1)]
    public async Task A_status_that_is_none_is_a_failure_of_the_app(int status)
    {
        await using var server = new InMemoryServer(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        var disposed = 0;
        server.Application.Disposed = (_, _) => disposed++;
        server.Logs.Expect("ApplicationError");
        Assert.Equal(500, (await server.AskAsync(Packets.Get())).Status);
        Assert.Single(server.Logs.Of("ApplicationError"));
        Assert.Equal(1, disposed);
    }

    [Fact]
    public async Task A_value_that_is_not_ascii_leaves_in_the_encoding_that_kestrel_is_told()
    {
        await using var server = new InMemoryServer(context =>
        {
            context.Response.Headers["X-Latin"] = "caf\u00e9";
            return Task.CompletedTask;
        });
        server.Kestrel.ResponseHeaderEncodingSelector = name => name == "X-Latin" ? System.Text.Encoding.Latin1 : null;
        Assert.Equal("caf\u00e9", (await server.AskAsync(Packets.Get()))["X-Latin"]);
    }

    [Fact]
    public async Task The_server_header_is_kestrels_choice()
    {
        await using var server = new InMemoryServer(static _ => Task.CompletedTask);
        server.Kestrel.AddServerHeader = true;
        Assert.Equal("Kestrel", (await server.AskAsync(Packets.Get()))["Server"]);
    }

    [Fact]
    public async Task The_apps_own_date_and_server_stand()
    {
        await using var server = new InMemoryServer(context =>
        {
            context.Response.Headers.Server = "mine";
            context.Response.Headers.Date = "yesterday";
            return Task.CompletedTask;
        });
        server.Kestrel.AddServerHeader = true;
        var received = await server.AskAsync(Packets.Get());
        Assert.Equal("mine", received["Server"]);
        Assert.Equal("yesterday", received["Date"]);
    }

    [Fact]
    public async Task The_date_moves_with_the_clock()
    {
        await using var server = new InMemoryServer(static _ => Task.CompletedTask);
        _ = await server.AskAsync(Packets.Get());
        server.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("Fri, 02 Jan 2026 03:05:07 GMT", (await server.AskAsync(Packets.Get()))["Date"]);
    }

    [Fact]
    public async Task A_head_that_no_front_end_takes_does_not_end_the_request_while_the_app_is_in_it()
    {
        var inside = new SyncPoint();
        var isOver = false;
        var wasOver = false;
        await using var server = new InMemoryServer(async context =>
        {
            context.Response.Headers["X-Large"] = new string('v', 70_000);
            await context.Response.WriteAsync("hello");
            await inside.MeetAsync();
            wasOver = Volatile.Read(ref isOver);
        });
        server.Application.Disposed = (_, _) => Volatile.Write(ref isOver, true);
        server.Logs.Expect("ApplicationError");
        var connection = server.Connect(Packets.Get());
        await inside.Reached;

        // Long enough for a request that does not wait for its app.
        await Task.WhenAny(connection.Execution, Task.Delay(100));
        Assert.False(connection.Execution.IsCompleted);
        inside.Continue();
        Assert.Equal(500, (await connection.ReadToEndAsync()).Status);
        await connection.Execution.Within();
        Assert.False(wasOver);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1.0")]
    [InlineData(" 1")]
    [InlineData("0x1")]
    [InlineData("1,1")]
    [InlineData("9223372036854775808")]
    [InlineData("1", "1")]
    [InlineData("1", "2")]
    public async Task A_length_that_is_no_number_or_more_than_one_is_refused_when_it_is_set(params string[] values)
    {
        var received = await AnswerAsync(
            context =>
            {
                var headers = context.Response.Headers;
                Assert.Throws<InvalidOperationException>(() => headers["content-length"] = values);
                Assert.Throws<InvalidOperationException>(() => headers.Add(new("Content-Length", values)));
                Assert.Throws<InvalidOperationException>(
                    () => context.Features.Get<IHttpResponseFeature>()!.Headers = new HeaderDictionary { ["Content-Length"] = values });
                Assert.Null(headers.ContentLength);
            },
            "hello");
        Assert.Equal("5", received["Content-Length"]);
        Assert.Equal("hello", received.Body);
    }

    [Fact]
    public async Task A_second_length_is_refused_and_the_first_one_stands()
    {
        var received = await AnswerAsync(
            context =>
            {
                var headers = context.Response.Headers;
                headers["Content-Length"] = "5";
                Assert.Throws<InvalidOperationException>(() => headers.Append("Content-Length", "5"));
                Assert.Throws<ArgumentException>(() => headers.Add(new("Content-Length", "5")));
                Assert.Throws<ArgumentOutOfRangeException>(() => headers.ContentLength = -1);
                Assert.Equal(5, headers.ContentLength);
            },
            "hello");
        Assert.Equal("5", received["Content-Length"]);
        Assert.Equal("hello", received.Body);
    }

    private static async Task<Received> AnswerAsync(Action<HttpContext> app, string body = "")
    {
        await using var server = new InMemoryServer(async context =>
        {
            app(context);
            if (body.Length > 0)
            {
                await context.Response.WriteAsync(body);
            }
        });
        return await server.AskAsync(Packets.Get());
    }
}
