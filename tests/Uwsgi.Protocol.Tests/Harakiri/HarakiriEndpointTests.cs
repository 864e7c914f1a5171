using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Uwsgi.Protocol.Harakiri;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Tests.InMemory;

namespace Uwsgi.Protocol.Tests.Harakiri;

/// <summary>Whose time it is: the app's, the endpoint's, the branch's, the handler's own.</summary>
public class HarakiriEndpointTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromTicks(1);

    [Theory]
    [InlineData(5)]
    [InlineData(60)]
    public async Task An_endpoint_that_is_chosen_later_says_how_long_counted_from_the_head(int seconds)
    {
        var chosen = new SyncPoint();
        var inside = new SyncPoint();
        await using var server = Watched(async context =>
        {
            await chosen.MeetAsync();
            context.SetEndpoint(EndpointOf(new HarakiriAttribute(seconds)));
            await inside.MeetAsync();
        });
        var connection = server.Connect(Packets.Get());
        await chosen.Reached;
        server.LetTimePass(TimeSpan.FromSeconds(2));
        chosen.Continue();
        await inside.Reached;
        server.LetTimePass(TimeSpan.FromSeconds(seconds - 2) - Moment);
        Assert.Equal(0, server.Harakiri.Killed);
        server.LetTimePass(Moment);
        Assert.Equal(1, server.Harakiri.Killed);
        Assert.Equal("/x/{id}", Assert.Single(server.Meters.Of("uwsgi_protocol.harakiri.kills"))["http.route"]);
        Assert.Contains("endpoint \"the endpoint\"", Assert.Single(server.Logs.Of("Triggered")).Message, StringComparison.Ordinal);
        inside.Continue();
        await connection.Execution.Within();
    }

    [Fact]
    public async Task The_metadata_closest_to_the_endpoint_counts()
    {
        var inside = new SyncPoint();
        await using var server = Watched(async context =>
        {
            context.SetEndpoint(EndpointOf(new HarakiriAttribute(0), new HarakiriAttribute(7)));
            await inside.MeetAsync();
        });
        var connection = server.Connect(Packets.Get());
        await inside.Reached;
        server.LetTimePass(TimeSpan.FromSeconds(7));
        Assert.Equal(1, server.Harakiri.Killed);
        inside.Continue();
        await connection.Execution.Within();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_endpoint_may_have_no_deadline_and_another_that_says_nothing_changes_nothing(bool isReexecuted)
    {
        var inside = new SyncPoint();
        await using var server = Watched(async context =>
        {
            context.SetEndpoint(EndpointOf(new HarakiriAttribute(0)));
            if (isReexecuted)
            {
                // As an exception handler does.
                context.SetEndpoint(null);
                context.SetEndpoint(EndpointOf());
            }

            await inside.MeetAsync();
        });
        var connection = server.Connect(Packets.Get());
        await inside.Reached;
        server.LetTimePass(TimeSpan.FromDays(1));
        Assert.Equal(0, server.Harakiri.Killed);
        inside.Continue();
        await connection.Execution.Within();
    }

    [Fact]
    public async Task An_endpoint_that_is_known_already_counts()
    {
        var inside = new SyncPoint();
        await using var server = new InMemoryServer(async _ => await inside.MeetAsync()).WatchWith(new HarakiriOptions());
        var watched = server.Application.Processing;
        server.Application.Processing = (context, app) =>
        {
            context.SetEndpoint(EndpointOf(new HarakiriAttribute(3)));
            return watched(context, app);
        };
        var connection = server.Connect(Packets.Get());
        await inside.Reached;
        server.LetTimePass(TimeSpan.FromSeconds(3));
        Assert.Equal(1, server.Harakiri.Killed);
        inside.Continue();
        await connection.Execution.Within();
    }

    [Fact]
    public async Task A_handler_may_ask_for_more_time_until_it_is_over()
    {
        var started = new SyncPoint();
        var restarted = new SyncPoint();
        IHarakiriFeature? feature = null;
        await using var server = Watched(async context =>
        {
            feature = context.Features.Get<IHarakiriFeature>()!;
            await started.MeetAsync();
            feature.Restart(TimeSpan.FromSeconds(10));
            await restarted.MeetAsync();
            feature.Restart(TimeSpan.FromSeconds(10));
        });
        var connection = server.Connect(Packets.Get());
        await started.Reached;
        server.LetTimePass(TimeSpan.FromSeconds(29));
        started.Continue();
        await restarted.Reached;
        server.LetTimePass(TimeSpan.FromSeconds(10) - Moment);
        Assert.False(feature!.IsTriggered);
        server.LetTimePass(Moment);
        Assert.True(feature.IsTriggered);
        restarted.Continue();
        await connection.Execution.Within();
        Assert.Throws<ArgumentOutOfRangeException>(() => feature.Restart(TimeSpan.FromSeconds(-1)));
    }

    [Fact]
    public async Task In_a_branch_what_stands_there_counts()
    {
        var inside = new SyncPoint();
        await using var server = new InMemoryServer(async _ => await inside.MeetAsync());
        server.WatchWith(new HarakiriOptions());
        var branch = new HarakiriMiddleware(async _ => await inside.MeetAsync(), server.Harakiri, new HarakiriOptions { Timeout = TimeSpan.FromSeconds(2) });
        var outer = server.Application.Processing;
        server.Application.Processing = (context, _) => outer(context, branch.InvokeAsync);
        var connection = server.Connect(Packets.Get());
        await inside.Reached;
        server.LetTimePass(TimeSpan.FromSeconds(2));
        Assert.Equal(1, server.Harakiri.Killed);
        inside.Continue();
        await connection.Execution.Within();
    }

    [Fact]
    public async Task The_conventions_add_the_metadata()
    {
        var app = WebApplication.CreateBuilder().Build();
        await using var _ = app;
        app.MapGet("/a", static () => "").WithHarakiri(TimeSpan.FromSeconds(2));
        app.MapGet("/b", static () => "").DisableHarakiri();
        app.MapGet("/c", [Harakiri(1.5)] static () => "");
        var times = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints)
            .Select(endpoint => endpoint.Metadata.GetMetadata<HarakiriAttribute>()!.Timeout);
        Assert.Equal([TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan, TimeSpan.FromSeconds(1.5)], times);
        Assert.Throws<ArgumentOutOfRangeException>(() => app.MapGet("/d", static () => "").WithHarakiri(TimeSpan.FromSeconds(-2)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(double.MaxValue)]
    public void A_time_that_cannot_be_is_refused(double seconds) => Assert.Throws<ArgumentOutOfRangeException>(() => new HarakiriAttribute(seconds));

    [Fact]
    public void Options_are_checked_when_they_are_set()
    {
        var options = new HarakiriOptions { Timeout = Timeout.InfiniteTimeSpan };
        Assert.Throws<ArgumentOutOfRangeException>(() => options.Timeout = TimeSpan.FromSeconds(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => options.Grace = TimeSpan.FromTicks(-1));
    }

    [Theory]
    [InlineData(0, HealthStatus.Healthy)]
    [InlineData(1, HealthStatus.Degraded)]
    [InlineData(2, HealthStatus.Unhealthy)]
    public async Task Stuck_handlers_are_the_health_of_the_app(int stuck, HealthStatus status)
    {
        var services = new ServiceCollection().AddLogging().AddMetrics();
        services.AddHealthChecks().AddHarakiri(degraded: 1, unhealthy: 2, tags: ["live"]);
        await using var provider = services.BuildServiceProvider();
        var monitor = provider.GetRequiredService<HarakiriMonitor>();
        for (var i = 0; i < stuck; i++)
        {
            monitor.OnStuck(default);
        }

        var report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Equal(status, report.Entries["harakiri"].Status);
        Assert.Equal(stuck, report.Entries["harakiri"].Data["stuck"]);
        Assert.Equal(["live"], report.Entries["harakiri"].Tags);
        Assert.Throws<ArgumentOutOfRangeException>(() => services.AddHealthChecks().AddHarakiri(degraded: 0));
    }

    private static InMemoryServer Watched(RequestDelegate app) => new InMemoryServer(app).WatchWith(new HarakiriOptions());

    private static RouteEndpoint EndpointOf(params object[] metadata) =>
        new(static _ => Task.CompletedTask, RoutePatternFactory.Parse("/x/{id}"), 0, new EndpointMetadataCollection(metadata), "the endpoint");
}
