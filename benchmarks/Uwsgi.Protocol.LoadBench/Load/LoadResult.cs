using System.Diagnostics;

namespace Uwsgi.Protocol.LoadBench;

/// <summary>What a load came to.</summary>
/// <param name="Latencies">Of the right answers, in ticks of the stopwatch and in order.</param>
/// <param name="Errors">How many answers were wrong, cut or missing.</param>
/// <param name="Elapsed">How long it took.</param>
internal sealed record LoadResult(long[] Latencies, int Errors, TimeSpan Elapsed)
{
    public int Requests => Latencies.Length;

    /// <summary>In milliseconds.</summary>
    public double Percentile(double share) =>
        Requests == 0 ? double.NaN : Stopwatch.GetElapsedTime(0, Latencies[(int)((Requests - 1) * share)]).TotalMilliseconds;
}
