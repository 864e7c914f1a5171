using System.Diagnostics;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>Many closed loops at once, for a time.</summary>
internal static class Load
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="target">Whom to ask.</param>
    /// <param name="connections">How many requests are under way at a time.</param>
    /// <param name="time">How long; what is under way then is waited for, in bounds.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    public static async Task<LoadResult> RunAsync(Target target, int connections, TimeSpan time, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stop.CancelAfter(time);
        patience.CancelAfter(time + Patience);
        var loops = target.Use == ConnectionUse.Multiplexed ? Math.Max(1, connections / Multiplexed.AtOnce) : connections;
        Counts[] counts = [.. Enumerable.Range(0, loops).Select(_ => new Counts())];
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(counts.Select(count => Task.Run(() => target.Use == ConnectionUse.Multiplexed
            ? new Multiplexed(target, count, patience.Token).RunAsync(stop.Token)
            : new Requests(target, count, patience.Token).RunAsync(stop.Token), CancellationToken.None)));
        var elapsed = Stopwatch.GetElapsedTime(start);
        cancellationToken.ThrowIfCancellationRequested();
        long[] latencies = [.. counts.SelectMany(count => count.Latencies).Order()];
        return new LoadResult(latencies, counts.Sum(count => count.Errors), elapsed);
    }
}
