using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Uwsgi.Protocol.Http;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Http;

/// <summary>What an app keeps of a request that has ended, and uses: it is that request's, and the next one's is not touched.</summary>
[Trait("Guards", "a request never sees another one's data")]
public class KeptTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Headers_that_were_kept_are_those_of_their_own_request(bool isWhole)
    {
        IHeaderDictionary? kept = null;
        await using var server = new InMemoryServer(context =>
        {
            kept = context.Request.Headers;
            _ = isWhole ? kept.Count : kept["X-Read"].Count;
            return Task.CompletedTask;
        });
        await AskTwiceAsync(
            server,
            () =>
            {
                Assert.Equal("first", kept!["X-Read"]);
                Assert.Equal(isWhole ? "first" : "", kept["X-Unread"].ToString());
                Assert.Equal("", kept["X-Second"].ToString());
                Assert.Equal("example.org", kept.Host.ToString());
                Assert.DoesNotContain(kept, header => header.Value.ToString().Contains("second", StringComparison.Ordinal));

                // Enumerating has made it whole: what was read is still there.
                Assert.Equal("first", kept["X-Read"]);
                Assert.DoesNotContain("X-Second", kept.Keys);
                Assert.False(kept.TryGetValue("X-Second", out _));
                kept["X-Read"] = "late";
                kept["X-Second"] = "late";
                kept.Append("X-Late", "late");
                _ = kept.Remove("X-Read");
                kept.ContentLength = 42;
                kept.Clear();
                (kept["X-Read"], kept.Host) = ("first", "example.org");
                if (isWhole)
                {
                    kept["X-Unread"] = "first";
                }
            });
    }

    [Fact]
    public async Task Server_variables_that_were_kept_are_those_of_their_own_request()
    {
        IServerVariablesFeature? kept = null;
        await using var server = new InMemoryServer(context =>
        {
            kept = context.Features.Get<IServerVariablesFeature>();
            Assert.Equal("first", kept!["HTTP_X_READ"]);
            kept["MINE"] = "first";
            return Task.CompletedTask;
        });
        await AskTwiceAsync(
            server,
            () =>
            {
                Assert.Null(kept!["HTTP_X_READ"]);
                Assert.Null(kept["HTTP_X_SECOND"]);
                Assert.Null(kept["SECOND"]);
                Assert.Equal("first", kept["MINE"]);
                kept["SECOND"] = "late";
                kept["HTTP_X_READ"] = "late";
                Assert.Equal("late", kept["SECOND"]);
                kept["SECOND"] = kept["HTTP_X_READ"] = null;
            });
    }

    [Fact]
    public async Task What_is_set_between_two_requests_does_not_reach_the_second()
    {
        var calls = 0;
        RequestContext? used = null;
        IHeaderDictionary? headers = null;
        var lateCallbacks = 0;
        await using var server = new InMemoryServer(context =>
        {
            if (++calls == 1)
            {
                used = (RequestContext)context.Features.Get<IHttpRequestFeature>()!;
                headers = context.Response.Headers;
                return Task.CompletedTask;
            }

            Assert.Same(used, context.Features.Get<IHttpRequestFeature>());
            Assert.Empty(context.Response.Headers);
            Assert.Null(context.Features.Get<IFormatProvider>());
            return context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path} {context.Response.StatusCode}");
        });
        _ = await server.AskAsync(Packets.Get());

        Func<object, Task> late = _ =>
        {
            lateCallbacks++;
            return Task.CompletedTask;
        };
        IHttpResponseFeature response = used!;
        Assert.Throws<InvalidOperationException>(() => headers!["X-Late"] = "late");
        Assert.Throws<InvalidOperationException>(() => headers!.ContentLength = 42);
        Assert.Throws<InvalidOperationException>(() => response.Headers["X-Late"] = "late");
        Assert.Throws<InvalidOperationException>(() => response.Headers = new HeaderDictionary { ["X-Late"] = "late" });
        Assert.Throws<InvalidOperationException>(() => response.StatusCode = 418);
        Assert.Throws<InvalidOperationException>(() => response.ReasonPhrase = "late");
        Assert.Throws<InvalidOperationException>(() => response.OnStarting(late, used!));
        response.OnCompleted(late, used!);
        IHttpRequestFeature request = used!;
        Assert.Throws<ObjectDisposedException>(() => request.Headers);
        (request.Method, request.Path, request.Headers) = ("LATE", "/late", new HeaderDictionary { ["X-Late"] = "late" });
        IHttpResponseBodyFeature body = used!;
        await Assert.ThrowsAsync<ObjectDisposedException>(() => body.StartAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(body.CompleteAsync);
        body.DisableBuffering();
        ((IFeatureCollection)used!).Set<IFormatProvider>(CultureInfo.InvariantCulture);
        ((IHttpRequestLifetimeFeature)used!).Abort();
        ((IHttpRequestLifetimeFeature)used!).RequestAborted = new CancellationToken(canceled: true);

        var received = await server.AskAsync(Packets.Get("/second"));
        Assert.Equal("GET /second 200", received.Body);
        Assert.Equal(["Content-Length", "Date"], received.Headers.Select(header => header.Split(':')[0]));
        Assert.Equal(0, lateCallbacks);
    }

    [Fact]
    public async Task An_abort_that_comes_late_is_not_the_next_requests()
    {
        var second = new SyncPoint();
        RequestContext? used = null;
        ResponseBody? owner = null;
        CancellationToken token = default;
        await using var server = new InMemoryServer(async context =>
        {
            var request = (RequestContext)context.Features.Get<IHttpRequestFeature>()!;
            if (used is null)
            {
                (used, owner) = (request, request.ResponseBody);
                return;
            }

            Assert.Same(used, request);
            token = context.RequestAborted;
            await context.Response.WriteAsync("the sec");
            await second.MeetAsync();
            await context.Response.WriteAsync("ond one");
        });
        _ = await server.AskAsync(Packets.Get());
        used!.OnAborted(owner);
        used.OnAborted(null);
        var connection = server.Connect(Packets.Get());
        await second.Reached;
        used.OnAborted(owner);
        used.OnAborted(null);
        used.Response.Abort(owner);
        Assert.False(used.IsAborted);
        Assert.False(used.IsAbortSignaled);
        second.Continue();
        var received = await connection.ReadToEndAsync();
        Assert.Equal("the second one", received.Body);
        Assert.False(received.IsReset);
        await connection.Execution.Within();
        Assert.False(token.IsCancellationRequested);
        Assert.Equal(["Completed", "Completed"], server.Ends);
    }

    /// <summary>A request whose app keeps something, then another one; what was kept is used when the first is over, and in the second.</summary>
    private static async Task AskTwiceAsync(InMemoryServer server, Action useKept)
    {
        var inside = new SyncPoint();
        object? used = null;
        server.Application.Processing = async (context, app) =>
        {
            var request = context.Features.Get<IHttpRequestFeature>();
            if (used is null)
            {
                used = request;
                await app(context);
                return;
            }

            Assert.Same(used, request);
            Assert.Equal("second", context.Request.Headers["X-Read"]);
            await inside.MeetAsync();
            var variables = context.Features.Get<IServerVariablesFeature>()!;
            Assert.Equal("second second second", $"{variables["HTTP_X_READ"]} {variables["HTTP_X_SECOND"]} {variables["SECOND"]}");
            Assert.Null(variables["MINE"]);
            await context.Response.WriteAsync(string.Join('\n', context.Request.Headers
                .Select(header => $"{header.Key}: {header.Value}").Order(StringComparer.Ordinal)));
        };
        _ = await server.AskAsync(Packets.Get("/", ("HTTP_X_READ", "first"), ("HTTP_X_UNREAD", "first")));
        useKept();
        var connection = server.Connect(Packets.Get("/", ("HTTP_X_READ", "second"), ("HTTP_X_SECOND", "second"), ("SECOND", "second"), ("HTTP_HOST", "second.example.org")));
        await inside.Reached;
        useKept();
        inside.Continue();
        Assert.Equal("Host: second.example.org\nX-Read: second\nX-Second: second", (await connection.ReadToEndAsync()).Body);
        useKept();
    }
}
