using Uwsgi.Protocol.Connections;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.Connections;

/// <summary>The one clock for everything that may take too long.</summary>
public class DeadlinesTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    public static TheoryData<Exception> Failures =>
    [
        new InvalidOperationException("no read is pending"),
        new ObjectDisposedException("the pipe"),
        new NotSupportedException("reads cannot be cancelled"),
        new AggregateException(new InvalidOperationException("a callback's")),
    ];

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_watcher_that_fails_does_not_stop_the_clock_for_the_others(Exception failure)
    {
        var time = new ManualTimeProvider();
        using var deadlines = new Deadlines(time);
        var (before, failing, behind) = (new Watcher(null), new Watcher(failure), new Watcher(null));
        var nodes = (LinkedListNode<IDeadlineWatcher>[])[new(before), new(failing), new(behind)];
        foreach (var node in nodes)
        {
            deadlines.Add(node);
        }

        time.Advance(Tick * 3);
        Assert.Equal((3, 3, 3), (before.Ticks, failing.Ticks, behind.Ticks));
        foreach (var node in nodes)
        {
            deadlines.Remove(node);
        }

        time.Advance(Tick);
        Assert.False(time.HasTimers);
        Assert.Equal((3, 3, 3), (before.Ticks, failing.Ticks, behind.Ticks));
    }

    private sealed class Watcher(Exception? failure) : IDeadlineWatcher
    {
        public int Ticks { get; private set; }

        public void OnTick(long now)
        {
            Ticks++;
            if (failure is not null)
            {
                throw failure;
            }
        }
    }
}
