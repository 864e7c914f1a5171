using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Uwsgi.Protocol.Testing;
using Uwsgi.Protocol.Transport;

namespace Uwsgi.Protocol.Tests.Transport;

/// <summary>The threads of the direct transport.</summary>
public sealed class CrewTests : IDisposable
{
    private readonly ConcurrentBag<Thread> _threads = [];
    private readonly ConcurrentQueue<Exception> _failures = new();
    private readonly TestStation _station = new();
    private Crew? _crew;

    // The one that looks around is no worker.
    private int Workers => _threads.Count(thread => thread.IsAlive) - 1;

    public void Dispose()
    {
        _crew?.Close(_station);
        _crew?.Dispose();
    }

    [Fact]
    public async Task Threads_that_are_blocked_are_replaced_and_leave_when_they_are_not_needed()
    {
        Start(new Crew(_failures.Enqueue, Start) { ParkTime = TimeSpan.FromMilliseconds(100) });
        using var release = new ManualResetEventSlim();
        using var blocked = new CountdownEvent(64);
        for (var round = 0; round < 3; round++)
        {
            release.Reset();
            blocked.Reset();
            for (var i = 0; i < 64; i++)
            {
                _station.Post(() =>
                {
                    blocked.Signal();
                    release.Wait();
                });
            }

            // While all of them block, others are served.
            await AskAsync();
            await Eventually.TrueAsync(() => blocked.IsSet);
            await AskAsync();
            Assert.True(Workers > 64, $"{Workers}");
            release.Set();

            // Those that were sent too many leave when they have had something to do.
            await Eventually.TrueAsync(() =>
            {
                _station.Post(() => { });
                return Workers <= Environment.ProcessorCount + 2;
            });
            await AskAsync();
        }

        Assert.Empty(_failures);
    }

    [Fact]
    public async Task Threads_that_compute_for_long_are_replaced()
    {
        Start(new Crew(_failures.Enqueue, Start));
        var isOver = false;
        for (var i = 0; i < Environment.ProcessorCount + 1; i++)
        {
            _station.Post(() => SpinWait.SpinUntil(() => Volatile.Read(ref isOver)));
        }

        await AskAsync();
        Volatile.Write(ref isOver, true);
    }

    [Fact]
    public async Task Work_that_comes_when_it_rests_is_not_lost()
    {
        Start(new Crew(_failures.Enqueue, Start) { LooksUntilRest = 1, Interval = 0 });
        for (var i = 0; i < 1000; i++)
        {
            // The first needs the second, which needs another thread.
            var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _station.Post(() =>
            {
                second.Task.Wait();
                first.SetResult();
            });
            _station.Post(second.SetResult);
            await first.Task.Within($"round {i}");
        }
    }

    [Fact]
    public async Task A_thread_that_is_recalled_when_it_gives_up_is_one_or_the_other()
    {
        Start(new Crew(_failures.Enqueue, Start) { ParkTime = TimeSpan.FromMilliseconds(1), Interval = 0 });
        for (var i = 0; i < 1000; i++)
        {
            var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var pause = new ManualResetEventSlim();
            _station.Post(() => second.Task.Wait());
            _station.Post(second.SetResult);
            await second.Task.Within($"round {i}");
            pause.Wait(i % 3);
        }

        // Those that were sent too many leave when they have had something to do.
        await Eventually.TrueAsync(() =>
        {
            _station.Post(() => { });
            return Workers <= Environment.ProcessorCount + 2;
        });
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_threads_at_work_and_they_leave_behind_it()
    {
        Start(new Crew(_failures.Enqueue, Start));
        using var release = new ManualResetEventSlim();
        using var blocked = new CountdownEvent(8);
        for (var i = 0; i < 8; i++)
        {
            _station.Post(() =>
            {
                blocked.Signal();
                release.Wait();
            });
        }

        await Eventually.TrueAsync(() => blocked.IsSet);
        await Task.Run(Dispose).Within();
        Assert.True(_station.IsReleased);
        Assert.True(_threads.Count(thread => thread.IsAlive) >= 8);
        release.Set();
        await Eventually.TrueAsync(() => _threads.All(thread => !thread.IsAlive));
    }

    [Fact]
    public async Task Without_more_threads_work_waits_and_goes_on_when_there_are_some()
    {
        var isShort = false;
        Start(new Crew(_failures.Enqueue, thread =>
        {
            if (Volatile.Read(ref isShort))
            {
                throw new OutOfMemoryException("No threads.");
            }

            Start(thread);
        })
        { LooksUntilRest = 1 });
        await AskAsync();
        Volatile.Write(ref isShort, true);
        using var release = new ManualResetEventSlim();
        for (var i = 0; i < 4; i++)
        {
            _station.Post(release.Wait);
        }

        var asked = new TaskCompletionSource();
        _station.Post(asked.SetResult);
        await Eventually.TrueAsync(() => !_failures.IsEmpty);
        Volatile.Write(ref isShort, false);
        await asked.Task.Within();
        Assert.Single(_failures);
        release.Set();
    }

    [Fact]
    public async Task Where_nothing_can_be_accepted_no_crowd_of_threads_gathers_and_it_is_said_once()
    {
        // It does not listen: each accept fails at once, as it does without descriptors.
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var failed = 0;
        var station = new AcceptStation(socket, isShared: false, (_, _) => { }, _ => Interlocked.Increment(ref failed));
        _crew = new Crew(_failures.Enqueue, Start);
        _crew.Start([station, _station]);
        await Eventually.TrueAsync(() => failed > 0);

        // A hundred looks.
        for (var i = 0; i < 100; i++)
        {
            await AskAsync();
            await Task.Delay(5);
        }

        Assert.InRange(Workers, 2, 4 + Environment.ProcessorCount);
        Assert.Equal(1, failed);
        await Task.Run(() => _crew.Close(station)).Within();
    }

    private void Start(Crew crew)
    {
        _crew = crew;
        crew.Start([_station]);
    }

    private void Start(Thread thread)
    {
        _threads.Add(thread);
        thread.Start();
    }

    private Task AskAsync()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _station.Post(asked.SetResult);
        return asked.Task.Within();
    }
}
