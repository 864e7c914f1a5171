using System.Runtime.Versioning;
using Uwsgi.Protocol.Offload;
using Uwsgi.Protocol.Testing;

namespace Uwsgi.Protocol.Tests.Offload;

/// <summary>The end of the threads that send files: nothing that waits for its turn is lost.</summary>
[SupportedOSPlatform("linux")]
public class OffloadThreadTests
{
    [Fact]
    public async Task What_waits_at_the_stop_is_done_there_and_what_comes_behind_it_by_whoever_brings_it()
    {
        using var entered = new SemaphoreSlim(0);
        using var release = new SemaphoreSlim(0);
        var done = new List<(string What, Thread By)>();
        var thread = new OffloadThread();
        thread.Start();
        thread.Post(() =>
        {
            entered.Release();
            release.Wait();
            done.Add(("first", Thread.CurrentThread));
        });
        await entered.WaitAsync().Within();
        thread.Post(() => done.Add(("second", Thread.CurrentThread)));

        // Where it waits for the thread it has told it to stop.
        var stopping = new Thread(thread.Dispose);
        stopping.Start();
        await Eventually.TrueAsync(() => stopping.ThreadState.HasFlag(ThreadState.WaitSleepJoin));
        release.Release();
        stopping.Join();
        Assert.Equal(["first", "second"], done.Select(entry => entry.What));
        Assert.Single(done.Select(entry => entry.By).Distinct());

        thread.Post(() => done.Add(("third", Thread.CurrentThread)));
        Assert.Equal(("third", Thread.CurrentThread), done[^1]);
    }

    [Fact]
    public void A_connection_has_one_thread_and_none_after_the_end()
    {
        object[] connections = [.. Enumerable.Range(0, 100).Select(static _ => new object())];
        var threads = new OffloadThreads(3);
        var own = connections.Select(threads.Of).ToArray();
        Assert.Equal(3, own.Distinct().Count());
        Assert.Equal(own, connections.Select(threads.Of));
        threads.Dispose();
        Assert.All(connections, connection => Assert.Null(threads.Of(connection)));
    }
}
