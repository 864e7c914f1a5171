using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Requests;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.Hosting;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Requests;

/// <summary>Requests by HTTP in the table, beside those of our own server.</summary>
public class HttpTrackingTests
{
    private readonly EndedRequests _ended = new();

    [Theory]
    [InlineData("writer")]
    [InlineData("stream")]
    [InlineData("stream, by arrays")]
    [InlineData("file")]
    [InlineData("part of a file")]
    [InlineData("HEAD")]
    public async Task What_was_sent_is_counted_however_it_was_written(string how)
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("file.txt", new string('x', 5000));
        await using var app = await StartAsync(async context =>
        {
            context.Response.StatusCode = 201;
            context.Response.Headers["X-One"] = "1";
            switch (how)
            {
                case "stream":
                    await context.Response.Body.WriteAsync("hello"u8.ToArray().AsMemory());
                    break;
                case "stream, by arrays":
#pragma warning disable CA1835 // It is what is tested.
                    await context.Response.Body.WriteAsync("hello"u8.ToArray(), 1, 4);
#pragma warning restore CA1835
                    break;
                case "file":
                    await context.Response.SendFileAsync(file);
                    break;
                case "part of a file":
                    await context.Response.SendFileAsync(file, 4000, null);
                    break;
                default:
                    await context.Response.WriteAsync("hello");
                    break;
            }
        });
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(how == "HEAD" ? HttpMethod.Head : HttpMethod.Get, app.HttpAddress + "/a?b=c");
        var received = await (await client.SendAsync(request).Within()).Content.ReadAsByteArrayAsync();
        await Eventually.TrueAsync(() => _ended.All.Count == 1);
        var ended = _ended.Only;
        Assert.Equal(received.Length, ended.Outcome.BodySize);
        Assert.Equal((null, "/a?b=c", 201, EndReason.Completed), (ended.Protocol, ended.Uri, ended.Outcome.StatusCode, ended.Outcome.Reason));
        Assert.True(ended.Outcome.HeaderCount > 0);
        Assert.True(ended.Outcome.HeadSize > "HTTP/1.1 201 Created\r\nX-One: 1\r\n\r\n".Length - 1);
        Assert.False(ended.Outcome.HasThrown);
    }

    [Fact]
    public async Task Its_variables_are_those_that_a_front_end_would_send()
    {
        var inside = new SyncPoint();
        await using var app = await StartAsync(context =>
        {
            // What the app does to it does not show.
            context.Request.Path = "/other";
            context.Request.Headers.Clear();
            context.Request.Method = "DELETE";
            return inside.MeetAsync();
        });
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, app.HttpAddress + "/caf%C3%A9?b=c") { Content = new StringContent("four") };
        request.Headers.Add("X-Two", ["1", "2"]);
        var asking = client.SendAsync(request);
        await inside.Reached;

        var view = new SlotView();
        Assert.Single(TableOf(app).Slots).CopyTo(view);
        Assert.Null(view.Protocol);
        var variables = Enumerable.Range(0, view.Variables.Count).ToDictionary(
            i => System.Text.Encoding.UTF8.GetString(view.Variables.GetName(i)), i => System.Text.Encoding.UTF8.GetString(view.Variables.GetValue(i)));
        var host = app.HttpAddress["http://".Length..];
        (string, string)[] expected =
        [
            ("REQUEST_METHOD", "POST"), ("REQUEST_URI", "/caf%C3%A9?b=c"), ("SCRIPT_NAME", ""), ("PATH_INFO", "/caf\u00e9"), ("QUERY_STRING", "b=c"),
            ("SERVER_PROTOCOL", "HTTP/1.1"), ("REQUEST_SCHEME", "http"), ("REMOTE_ADDR", "127.0.0.1"), ("SERVER_ADDR", "127.0.0.1"),
            ("SERVER_PORT", host.Split(':')[1]), ("HTTP_HOST", host), ("CONTENT_LENGTH", "4"), ("CONTENT_TYPE", "text/plain; charset=utf-8"), ("HTTP_X_TWO", "1,2"),
        ];
        Assert.All(expected, pair => Assert.Equal(pair.Item2, variables.GetValueOrDefault(pair.Item1)?.Replace(", ", ",", StringComparison.Ordinal).Replace("plain;charset", "plain; charset", StringComparison.Ordinal)));
        inside.Continue();
        await asking.Within();
    }

    [Fact]
    public async Task A_request_of_our_own_server_is_counted_once()
    {
        await using var app = await StartAsync(context => context.Response.WriteAsync("hello"));
        await app.AskAsync(Packets.Get("/uwsgi"));
        await app.GetAsync("/http");
        await Eventually.TrueAsync(() => _ended.All.Count == 2);
        Assert.Equal([("/uwsgi", GatewayProtocol.Uwsgi), ("/http", null)], _ended.All.Select(ended => (ended.Uri, ended.Protocol)));
        Assert.Equal(2, TableOf(app).ReadTotal().Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_exception_is_counted(bool hasBegun)
    {
        await using var app = await StartAsync(async context =>
        {
            if (hasBegun)
            {
                await context.Response.WriteAsync("half");
            }

            throw new InvalidOperationException("the app's");
        });
        app.Logs.Expect(entry => entry.Exception?.Message == "the app's");
        await Assert.ThrowsAsync<HttpRequestException>(() => app.GetAsync());
        await Eventually.TrueAsync(() => _ended.All.Count == 1);
        Assert.True(_ended.Only.Outcome.HasThrown);
        Assert.Equal(
            hasBegun ? (EndReason.AppFailed, 200) : (EndReason.Completed, 500), (_ended.Only.Outcome.Reason, _ended.Only.Outcome.StatusCode));
    }

    [Fact]
    public async Task A_client_that_has_gone_is_told()
    {
        var inside = new SyncPoint();
        await using var app = await StartAsync(async context =>
        {
            await inside.MeetAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using var cancel = new CancellationTokenSource();
        using var client = new HttpClient();
        var asking = client.GetAsync(app.HttpAddress, cancel.Token);
        await inside.Reached;
        inside.Continue();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await Eventually.TrueAsync(() => _ended.All.Count == 1);
        Assert.Equal((EndReason.PeerGone, 499), (_ended.Only.Outcome.Reason, _ended.Only.Outcome.StatusCode));
        Assert.True(_ended.Only.Outcome.HasWriteError);
        Assert.False(_ended.Only.Outcome.HasThrown);
    }

    [Fact]
    public async Task Where_nobody_wants_the_table_no_request_comes_to_it()
    {
        await using var app = await RunningApp.StartAsync(static context => context.Response.WriteAsync("hello"), options => options.Listen(0));
        await app.GetAsync();
        await app.AskAsync(Packets.Get());
        Assert.False(TableOf(app).IsWanted);
        Assert.Empty(TableOf(app).Slots);
    }

    private static RequestTable TableOf(RunningApp app) => app.Host.Services.GetRequiredService<RequestTable>();

    private Task<RunningApp> StartAsync(RequestDelegate app) =>
        RunningApp.StartAsync(app, options => options.Listen(0), builder => builder.Services.AddSingleton<IRequestListener>(_ended));
}
