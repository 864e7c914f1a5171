using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Uwsgi.Protocol.Harakiri;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.Harakiri;

/// <summary>Who watches one request behind the other stays in the monitor's list, and leaves it when nothing has been watched for long.</summary>
public sealed class HarakiriMonitorTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ManualTimeProvider _time = new();
    private readonly HarakiriOptions _options = new() { Timeout = TimeSpan.FromSeconds(1) };
    private readonly HarakiriMonitor _monitor;

    public HarakiriMonitorTests() => _monitor = new HarakiriMonitor(NullLoggerFactory.Instance, _services.GetRequiredService<IMeterFactory>(), _time);

    public void Dispose()
    {
        _monitor.Dispose();
        _services.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void However_long_nothing_was_watched_the_next_request_is(bool isUsedAgain)
    {
        var watch = new Watch(_monitor, isUsedAgain);
        for (var looks = 0; looks < 50; looks++)
        {
            watch = isUsedAgain ? watch : new Watch(_monitor, isUsedAgain);
            watch.Begin(_options, _monitor.Now, endpoint: null);
            Assert.Equal(1, _monitor.Watched);
            LookAfter(TimeSpan.FromSeconds(0.9));
            Assert.False(watch.IsTriggered);
            LookAfter(TimeSpan.FromSeconds(0.1));
            Assert.True(watch.IsTriggered);
            watch.End();
            Assert.Equal(0, _monitor.Watched);
            for (var i = 0; i < looks; i++)
            {
                LookAfter(TimeSpan.FromSeconds(2));
            }
        }

        Assert.Equal(50, _monitor.Killed);
    }

    [Fact]
    public void Of_many_those_that_are_over_time_are_told_and_no_other()
    {
        var random = new Random(1);
        for (var round = 0; round < 100; round++)
        {
            var watches = Enumerable.Range(0, 50).Select(i => new Watch(_monitor, isUsedAgain: i % 2 == 0)).ToArray();
            foreach (var watch in watches)
            {
                watch.Begin(_options, _monitor.Now, endpoint: null);
            }

            random.Shuffle(watches);
            foreach (var over in watches[..25])
            {
                over.End();
            }

            LookAfter(TimeSpan.FromSeconds(1));
            Assert.All(watches, (watch, i) => Assert.Equal(i >= 25, watch.IsTriggered));
            foreach (var watch in watches[25..])
            {
                watch.End();
            }

            Assert.Equal(0, _monitor.Watched);
        }
    }

    /// <summary>It begins at the moment when it leaves the list.</summary>
    [Fact]
    public async Task None_is_forgotten_however_the_looks_fall()
    {
        var isOver = false;
        var looking = Task.Run(() =>
        {
            while (!Volatile.Read(ref isOver))
            {
                _monitor.Look();
            }
        });
        var watch = new Watch(_monitor, isUsedAgain: true);
        var late = new HarakiriOptions { Timeout = TimeSpan.FromTicks(1) };
        for (var round = 0; round < 20_000; round++)
        {
            watch.Begin(late, started: 0, endpoint: null);
            if (!SpinWait.SpinUntil(() => watch.IsTriggered, TimeSpan.FromSeconds(20)))
            {
                Assert.Fail($"Forgotten in round {round}.");
            }

            watch.End();
            Thread.SpinWait(round % 100);
        }

        Volatile.Write(ref isOver, true);
        await looking.Within();
    }

    private void LookAfter(TimeSpan time)
    {
        _time.Advance(time);
        _monitor.Look();
    }

    private sealed class Watch(HarakiriMonitor monitor, bool isUsedAgain) : WatchedRequest(monitor)
    {
        protected override bool IsUpgraded => false;

        protected override bool IsUsedAgain => isUsedAgain;

        protected override void Cancel()
        {
        }

        protected override KillOutcome EndInItsPlace() => KillOutcome.Complete;

        protected override RequestDescription Describe() => new("uwsgi", "", "GET", "/", null, null, "none", "");

        protected override string DescribeVariables() => "";
    }
}
