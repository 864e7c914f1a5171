using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Uwsgi.Protocol.Diagnostics;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Hosting;

/// <summary>What is logged, measured and traced of a uwsgi request by hosting, by Kestrel, and by us.</summary>
public class DiagnosticsTests
{
    [Fact]
    public async Task A_request_is_measured_by_hosting_with_its_route()
    {
        await using var app = await StartAsync();
        using var meters = new MeterCapture(meter => meter.Scope == app.Host.Services.GetRequiredService<IMeterFactory>());
        Assert.Equal("item 42", (await app.AskAsync(Packets.Get("/items/42"))).Body);
        Assert.Equal(404, (await app.AskAsync(Packets.Get("/items/x"))).Status);
        await Eventually.TrueAsync(() => meters.Of("http.server.request.duration").Count() == 2);
        var duration = meters.Of("http.server.request.duration").First();
        Assert.Equal("/items/{id:int}", duration["http.route"]);
        Assert.Equal("GET", duration["http.request.method"]);
        Assert.Equal(200, duration["http.response.status_code"]);
        Assert.Equal("1.1", duration["network.protocol.version"]);
        Assert.Equal("http", duration["url.scheme"]);
        Assert.Equal(0, meters.Sum("http.server.active_requests"));
    }

    [Theory]
    [InlineData("tcp", "uwsgi_protocol.connection.duration")]
    [InlineData("unix", "uwsgi_protocol.connection.duration")]
    [InlineData("tcp, Kestrel's transport", "kestrel.connection.duration")]
    [InlineData("kestrel tcp", "kestrel.connection.duration")]
    public async Task A_connection_is_measured_with_its_protocol_and_how_it_failed(string transport, string instrument)
    {
        await using var app = await SocketEndTests.StartAsync(transport, static context => context.Response.WriteAsync("hello"));
        var port = (app.EndPoint as System.Net.IPEndPoint)?.Port;
        using var meters = new MeterCapture(meter =>
            meter.Name == "Microsoft.AspNetCore.Server.Kestrel" || meter.Scope == app.Host.Services.GetRequiredService<IMeterFactory>());
        _ = await app.AskAsync(Packets.Get());
        using (var bad = await SocketPeer.ConnectAsync(app.EndPoint))
        {
            await bad.SendAsync(new byte[] { 0, 255 });
            bad.EndInput();
            _ = await bad.ReadToEndAsync();
        }

        await Eventually.TrueAsync(() => Durations().Count() == 2);
        Assert.All(Durations(), measured => Assert.Equal("uwsgi", measured["network.protocol.name"]));
        Assert.Equal([null, "UnexpectedEnd"], Durations().Select(measured => measured["error.type"]));

        IEnumerable<Measured> Durations() => meters.Of(instrument).Where(measured => instrument.StartsWith("uwsgi", StringComparison.Ordinal) || Equals(measured["server.port"], port));
    }

    [Fact]
    public async Task A_request_continues_the_clients_trace()
    {
        Activity? activity = null;
        await using var app = await RunningApp.StartAsync(
            context =>
            {
                activity = context.Features.Get<IHttpActivityFeature>()?.Activity;
                return Task.CompletedTask;
            },
            options => options.Listen(0));
        _ = await app.AskAsync(Packets.Get("/",
            ("HTTP_TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), ("HTTP_TRACESTATE", "a=b"), ("HTTP_BAGGAGE", "user=me")));
        Assert.NotNull(activity);
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", activity.TraceId.ToHexString());
        Assert.Equal("b7ad6b7169203331", activity.ParentSpanId.ToHexString());
        Assert.Equal("a=b", activity.TraceStateString);
        Assert.Equal("me", activity.GetBaggageItem("user"));
        Assert.Equal("Microsoft.AspNetCore.Hosting.HttpRequestIn", activity.OperationName);
    }

    [Fact]
    public async Task A_request_is_logged_by_hosting()
    {
        await using var app = await RunningApp.StartAsync(
            static context => context.Response.WriteAsync("hello"), options => options.Listen(0), builder => builder.Logging.AddFilter("Microsoft", LogLevel.Information));
        _ = await app.AskAsync(Packets.Get("/a?b=c", ("HTTPS", "on"), ("SERVER_PROTOCOL", "HTTP/2.0")));
        await Eventually.TrueAsync(() => app.Logs.Entries.Any(entry => entry.Message.StartsWith("Request finished HTTP/2 GET https://example.org/a?b=c - 200 ", StringComparison.Ordinal)));
        Assert.Contains(app.Logs.Entries, entry => entry.Message.StartsWith("Request starting HTTP/2 GET https://example.org/a?b=c", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_of_ours_is_logged_at_information_for_a_request()
    {
        await using var app = await SocketEndTests.StartAsync("tcp", static context => context.Response.WriteAsync("hello"));
        _ = await app.AskAsync(Packets.Get());
        await Eventually.TrueAsync(() => app.Logs.Of("ConnectionEnded").Any());
        Assert.All(
            app.Logs.Entries.Where(entry => entry.Category.StartsWith("Uwsgi.", StringComparison.Ordinal)),
            entry => Assert.True(entry.Level < LogLevel.Information, entry.Message));
    }

    [Fact]
    public void Every_message_has_a_number_and_a_name_of_its_own()
    {
        var all = typeof(GatewayLog).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => (Method: method, Message: method.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(found => found.Message is not null)
            .ToList();
        Assert.NotEmpty(all);
        Assert.All(all, found => Assert.Equal(found.Method.Name, found.Message!.EventName));
        Assert.Distinct(all.Select(found => found.Message!.EventName));
        Assert.Distinct(all.Select(found => (found.Method.DeclaringType, found.Message!.EventId)));
        var connections = all.Where(found => found.Method.DeclaringType == typeof(GatewayLog)).Select(found => found.Message!.EventId).Order();
        Assert.Equal(Enumerable.Range(1, connections.Count()), connections);
    }

    [Fact]
    public async Task Our_own_measurements_come_from_the_apps_meters()
    {
        await using var app = await SocketEndTests.StartAsync("tcp", static _ => Task.CompletedTask);
        using var meters = new MeterCapture(meter => meter.Name == "Uwsgi.Protocol" && meter.Scope == app.Host.Services.GetRequiredService<IMeterFactory>());
        _ = await app.AskAsync(WireBytes.Header(100, 0, 0));
        _ = await app.AskAsync(WireBytes.Header(18, 0, 0));
        await Eventually.TrueAsync(() => meters.Of("uwsgi_protocol.rejected_requests").Any());
        Assert.Equal(1, meters.Sum("uwsgi_protocol.pings"));
        var rejected = Assert.Single(meters.Of("uwsgi_protocol.rejected_requests"));
        Assert.Equal("UnsupportedModifier", rejected["error.type"]);
    }

    [Fact]
    public async Task A_connection_has_its_scope_in_the_log()
    {
        await using var app = await RunningApp.StartAsync(
            context =>
            {
                context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("App").LogInformation("at work");
                return context.Response.WriteAsync(context.Connection.Id);
            },
            options => options.Listen(0));
        var id = (await app.AskAsync(Packets.Get())).Body;
        Assert.NotEmpty(id);
        await Eventually.TrueAsync(() => app.Logs.Of("ConnectionEnded").Any(entry => entry.Message.Contains($"\"{id}\"", StringComparison.Ordinal)));
    }

    private static Task<RunningApp> StartAsync() => RunningApp.StartAsync(
        WebApplication.CreateBuilder(),
        builder =>
        {
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.WebHost.UseUwsgiProtocol(0);
        },
        app => app.MapGet("/items/{id:int}", (int id) => $"item {id}"));
}
